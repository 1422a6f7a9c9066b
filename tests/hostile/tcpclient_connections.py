# A TCP client that opens connections without end and keeps as many as it may.
from ends import connected

kept = []
while True:
    try:
        kept.append(connected())
    except OSError:
        kept = kept[1:] or kept
