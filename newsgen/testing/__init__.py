"""For those who test their own angles, editions and targets: the rehearsal market (`newsgen.testing.market`)."""
