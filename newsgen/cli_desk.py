"""The commands of the desk: approve, hold, spike, correct, kill, resend, stop, resume, recall, publish check, status; in: argv, out: text.

Thin: what they do stands in newsdesk.py, recall.py and store/status.py.
"""
