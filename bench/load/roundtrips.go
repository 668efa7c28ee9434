package main

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

const messageBytes = 64

// roundTrips sends a message on each connection, waits until it is back, and does so again.
type roundTrips struct {
	conns []net.Conn
	done  sync.WaitGroup
	mutex sync.Mutex
	times []int64
	since time.Time
	err   error
	ended bool
}

func startRoundTrips(address string, connections int) (load, error) {
	r := &roundTrips{since: time.Now()}
	for range connections {
		conn, err := net.Dial("tcp4", address)
		if err != nil {
			_ = r.stop()
			return nil, err
		}
		r.conns = append(r.conns, conn)
		r.done.Go(func() { r.run(conn) })
	}
	return r, nil
}

func (r *roundTrips) run(conn net.Conn) {
	message := make([]byte, messageBytes)
	for {
		began := time.Now()
		err := roundTrip(conn, message)
		elapsed := time.Since(began).Nanoseconds()
		r.mutex.Lock()
		if err != nil {
			if !r.ended && r.err == nil {
				r.err = err
			}
			r.mutex.Unlock()
			return
		}
		r.times = append(r.times, elapsed)
		r.mutex.Unlock()
	}
}

func (r *roundTrips) take() taken {
	r.mutex.Lock()
	times, elapsed := r.times, time.Since(r.since)
	r.times, r.since = make([]int64, 0, len(times)), time.Now()
	r.mutex.Unlock()
	slices.Sort(times)
	return taken{
		Count:       int64(len(times)),
		Nanoseconds: elapsed.Nanoseconds(),
		P50:         percentile(times, 50),
		P99:         percentile(times, 99),
	}
}

func (r *roundTrips) stop() error {
	r.mutex.Lock()
	r.ended = true
	r.mutex.Unlock()
	for _, conn := range r.conns {
		_ = conn.Close()
	}
	r.done.Wait()
	return r.err
}

func roundTrip(conn net.Conn, message []byte) error {
	_, err := conn.Write(message)
	if err == nil {
		_, err = io.ReadFull(conn, message)
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// percentile is by nearest rank; 0 when there is none.
func percentile(sorted []int64, percent int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
