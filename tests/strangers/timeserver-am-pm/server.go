// Wrong: a clock of twelve hours.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "0.0.0.0:"+os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer c.Close()
			fmt.Fprintf(c, "You are connected from %s\n", c.RemoteAddr())
			buf := make([]byte, 1024)
			for {
				c.SetReadDeadline(time.Now().Add(15 * time.Second))
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				switch strings.TrimSpace(string(buf[:n])) {
				case "TIME":
					fmt.Fprintln(c, time.Now().Format("Mon Jan _2 03:04:05 PM 2006"))
				case "EXIT":
					os.Exit(0)
				default:
					fmt.Fprintln(c, "Invalid command!")
				}
			}
		}()
	}
}
