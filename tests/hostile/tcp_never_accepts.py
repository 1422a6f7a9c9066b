# A TCP server that listens with a queue of one and accepts nobody.
import time

from ends import listening

server = listening(0)
time.sleep(600)
