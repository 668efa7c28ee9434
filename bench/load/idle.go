package main

import (
	"net"
	"sync"
)

// openers is how many connections are opened at once.
const openers = 8

// idle holds connections that have made one round trip, so that they are open all the way, and make no more.
type idle struct {
	conns []net.Conn
}

func (i *idle) open(address string, connections int) error {
	opened := make([]net.Conn, connections)
	errs := make(chan error, openers)
	var done sync.WaitGroup
	for first := range openers {
		done.Go(func() {
			for index := first; index < connections; index += openers {
				conn, err := net.Dial("tcp4", address)
				if err == nil {
					opened[index] = conn
					err = roundTrip(conn, make([]byte, messageBytes))
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	done.Wait()
	close(errs)
	for _, conn := range opened {
		if conn != nil {
			i.conns = append(i.conns, conn)
		}
	}
	return <-errs
}

func (i *idle) close() {
	for _, conn := range i.conns {
		_ = conn.Close()
	}
	i.conns = nil
}
