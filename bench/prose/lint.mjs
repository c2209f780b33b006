// Reads texts for faults of spelling, grammar, punctuation and style, offline.
// In, on standard input: {"words": [...], "off": {"harper": [...], "write-good": [...]}, "texts": ["..."]}.
// Out: [{"tool", "rule", "text", "message", "index", "at"}], `index` of the text that it stands in. Decides nothing: prose_faults.py does.

import { text as whole } from "node:stream/consumers";
import dictionaryEn from "dictionary-en";
import { Dialect, LocalLinter } from "harper.js";
import { binary } from "harper.js/binary";
import { retext } from "retext";
import retextContractions from "retext-contractions";
import retextIndefiniteArticle from "retext-indefinite-article";
import retextQuotes from "retext-quotes";
import retextRedundantAcronyms from "retext-redundant-acronyms";
import retextRepeatedWords from "retext-repeated-words";
import retextSentenceSpacing from "retext-sentence-spacing";
import retextSpell from "retext-spell";
import writeGood from "write-good";

const { words, off, texts } = JSON.parse(await whole(process.stdin));
const found = [];

const harper = new LocalLinter({ binary, dialect: Dialect.American });
await harper.setup();
await harper.importWords(words);
const rules = await harper.getLintConfig();
for (const rule of off.harper) {
  if (!(rule in rules)) throw new Error(`harper has no rule ${rule}`);
  rules[rule] = false;
}
await harper.setLintConfig(rules);

// Harper allows a capital at the beginning of a sentence by itself, and takes a second spelling for the only one; retext must be told it.
const capitals = words.map((word) => word[0].toUpperCase() + word.slice(1));
const reader = retext()
  .use(retextSpell, { dictionary: dictionaryEn, personal: [...words, ...capitals].join("\n"), ignoreDigits: true, max: 1 })
  .use(retextContractions)
  .use(retextIndefiniteArticle)
  .use(retextQuotes, { preferred: "straight" })
  .use(retextRedundantAcronyms)
  .use(retextRepeatedWords)
  .use(retextSentenceSpacing);

const weasel = Object.fromEntries(off["write-good"].map((check) => [check, false]));

for (const [index, text] of texts.entries()) {
  // Asking by rule takes three times as long: only for what has a fault.
  const any = (await harper.lint(text, { language: "plaintext" })).length > 0;
  for (const [rule, lints] of any ? Object.entries(await harper.organizedLints(text, { language: "plaintext" })) : []) {
    for (const lint of lints) {
      found.push({ tool: "harper", rule, text: lint.get_problem_text(), message: lint.message(), index, at: lint.span().start });
    }
  }
  for (const message of (await reader.process(text)).messages) {
    if (message.ruleId === "overflow") continue; // "no longer suggesting": said once, of no word
    found.push({ tool: "retext", rule: message.source, text: message.actual ?? "", message: message.reason, index, at: message.place?.start?.offset ?? 0 });
  }
  for (const { index: at, offset, reason } of writeGood(text, weasel)) {
    found.push({ tool: "write-good", rule: "", text: text.slice(at, at + offset), message: reason, index, at });
  }
}
process.stdout.write(JSON.stringify(found));
