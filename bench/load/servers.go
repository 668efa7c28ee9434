package main

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// servers are the upstreams of the proxies: one counts and discards, one sends back what it gets.
type servers struct {
	sink, echo net.Listener
	// received counts the bytes that came to the sink.
	received atomic.Int64
}

func listen() (*servers, error) {
	sink, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	echo, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &servers{sink: sink, echo: echo}
	go serve(sink, s.discard)
	go serve(echo, sendBack)
	return s, nil
}

func (s *servers) sinkPort() int { return s.sink.Addr().(*net.TCPAddr).Port }
func (s *servers) echoPort() int { return s.echo.Addr().(*net.TCPAddr).Port }

func serve(listener net.Listener, handle func(*net.TCPConn)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer conn.Close()
			handle(conn.(*net.TCPConn))
		}()
	}
}

// The kernel writes nothing there, see discard.
var untouched = make([]byte, 1<<20)

// discard takes bytes off the socket without copying them (MSG_TRUNC, tcp(7)): the receiver must not be what
// limits a proxy.
func (s *servers) discard(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		for {
			count, _, err := syscall.Recvfrom(int(fd), untouched, syscall.MSG_TRUNC)
			if err == syscall.EAGAIN {
				return false
			}
			if err == syscall.EINTR {
				continue
			}
			if err != nil || count == 0 {
				return true
			}
			s.received.Add(int64(count))
		}
	})
}

func sendBack(conn *net.TCPConn) {
	buffer := make([]byte, 4096)
	for {
		count, err := conn.Read(buffer)
		if count > 0 {
			if _, err := conn.Write(buffer[:count]); err != nil {
				return
			}
		}
		if err == io.EOF || err != nil {
			return
		}
	}
}
