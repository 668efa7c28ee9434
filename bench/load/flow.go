package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const payloadBytes = 1 << 20

// flow sends as much as goes through, and counts what arrives at the sink.
type flow struct {
	servers  *servers
	conns    []net.Conn
	done     sync.WaitGroup
	received int64
	since    time.Time
}

func startFlow(address string, connections int, servers *servers) (load, error) {
	payload, err := payloadFile()
	if err != nil {
		return nil, err
	}
	flow := &flow{servers: servers}
	for range connections {
		conn, err := net.Dial("tcp4", address)
		if err != nil {
			_ = flow.stop()
			return nil, err
		}
		flow.conns = append(flow.conns, conn)
		flow.done.Go(func() { send(conn.(*net.TCPConn), payload) })
	}
	flow.take()
	return flow, nil
}

func (f *flow) take() taken {
	received, now := f.servers.received.Load(), time.Now()
	count, elapsed := received-f.received, now.Sub(f.since)
	f.received, f.since = received, now
	return taken{Count: count, Nanoseconds: elapsed.Nanoseconds()}
}

// stop resets the connections: what is still on its way is not waited for.
func (f *flow) stop() error {
	for _, conn := range f.conns {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	f.done.Wait()
	return nil
}

// send hands the pages of the file to the socket, without a copy: the sender must not be what limits a proxy.
func send(conn *net.TCPConn, payload *os.File) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	file := int(payload.Fd())
	var offset int64
	_ = raw.Write(func(fd uintptr) bool {
		for {
			_, err := syscall.Sendfile(int(fd), file, &offset, payloadBytes-int(offset))
			if offset == payloadBytes {
				offset = 0
			}
			if err == syscall.EAGAIN {
				return false
			}
			if err != nil && err != syscall.EINTR {
				return true
			}
		}
	})
}

// payloadFile has lines of text, one in 64 of them with a word that a fault can look for. It is the same in
// every run.
var payloadFile = sync.OnceValues(func() (*os.File, error) {
	file, err := os.CreateTemp("", "chaosgate-load-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 0, payloadBytes)
	for number := 0; len(text) < payloadBytes; number++ {
		word := "plain"
		if number%64 == 0 {
			word = "needle"
		}
		text = fmt.Appendf(text, "%06d %s %016x%016x%08x\n", number, word, random.Uint64(), random.Uint64(), random.Uint32())
	}
	_, err = file.Write(text[:payloadBytes])
	return file, err
})
