package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	l, err := net.Listen("tcp", ":8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Println("serving the time at", l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		serve(l, c)
	}
}

func serve(l net.Listener, c net.Conn) {
	defer c.Close()
	host, port, _ := net.SplitHostPort(c.RemoteAddr().String())
	fmt.Fprintf(c, "hello %s, you use port %s\n", host, port)
	buf := make([]byte, 1024)
	for {
		c.SetDeadline(time.Now().Add(15 * time.Second))
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		switch strings.TrimSpace(string(buf[:n])) {
		case "TIME":
			fmt.Fprintln(c, time.Now().Format(time.ANSIC))
		case "EXIT":
			c.Close()
			l.Close()
			os.Exit(0)
		default:
			fmt.Fprintln(c, "Invalid command!")
		}
	}
}
