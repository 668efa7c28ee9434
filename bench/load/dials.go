package main

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// dials connects, makes one round trip and closes in order, again and again.
type dials struct {
	done   sync.WaitGroup
	ended  atomic.Bool
	count  atomic.Int64
	failed atomic.Pointer[error]
	since  time.Time
}

func startDials(address string, workers int) load {
	d := &dials{since: time.Now()}
	for range workers {
		d.done.Go(func() {
			for !d.ended.Load() && d.failed.Load() == nil {
				if err := dialOnce(address); err != nil {
					d.failed.CompareAndSwap(nil, &err)
				}
				d.count.Add(1)
			}
		})
	}
	return d
}

func dialOnce(address string) error {
	conn, err := net.Dial("tcp4", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	return roundTrip(conn, make([]byte, messageBytes))
}

func (d *dials) take() taken {
	count, now := d.count.Swap(0), time.Now()
	elapsed := now.Sub(d.since)
	d.since = now
	return taken{Count: count, Nanoseconds: elapsed.Nanoseconds()}
}

func (d *dials) stop() error {
	d.ended.Store(true)
	d.done.Wait()
	if err := d.failed.Load(); err != nil {
		return *err
	}
	return nil
}
