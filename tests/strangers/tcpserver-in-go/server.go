// Right, in Go.
package main

import (
	"net"
	"os"
)

func main() {
	server, err := net.Listen("tcp4", "0.0.0.0:"+os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	for {
		client, err := server.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer client.Close()
			data := make([]byte, 1024)
			length, _ := client.Read(data)
			for i := 0; i < length; i++ {
				if data[i] >= 'a' && data[i] <= 'z' {
					data[i] -= 32
				}
			}
			client.Write(data[:length])
		}()
	}
}
