// Command load puts load on a proxy and measures what comes through it. It is client and server in one
// process, so that bytes are counted where they arrive and on the same clock.
//
// It prints the ports of its servers as a line of JSON, then takes one request per line on standard input and
// answers each with one line on standard output, until its input ends.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

type request struct {
	Do          string `json:"do"`
	Kind        string `json:"kind"`
	Address     string `json:"address"`
	Connections int    `json:"connections"`
}

// taken is what was counted since the last time that someone asked.
type taken struct {
	// Bytes, round trips or connections, by the kind of load.
	Count       int64 `json:"count"`
	Nanoseconds int64 `json:"nanoseconds"`
	// Of round trips, in nanoseconds.
	P50 int64 `json:"p50,omitempty"`
	P99 int64 `json:"p99,omitempty"`
}

// load runs from when it is made until it is stopped.
type load interface {
	take() taken
	// stop returns when all of its connections are closed; the error is why it did not run as it should have.
	stop() error
}

func main() {
	servers, err := listen()
	if err != nil {
		fail(err)
	}
	answer(map[string]any{"sink": servers.sinkPort(), "echo": servers.echoPort()})
	session := session{servers: servers}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var request request
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			fail(err)
		}
		result, err := session.do(request)
		if err != nil {
			answer(map[string]any{"error": err.Error()})
		} else {
			answer(map[string]any{"result": result})
		}
	}
}

// session has at most one load and one set of idle connections at a time.
type session struct {
	servers *servers
	load    load
	idle    idle
}

func (s *session) do(request request) (any, error) {
	switch request.Do {
	case "start":
		if s.load != nil {
			return nil, fmt.Errorf("a load runs already")
		}
		load, err := start(request, s.servers)
		s.load = load
		return nil, err
	case "take":
		if s.load == nil {
			return nil, fmt.Errorf("no load runs")
		}
		return s.load.take(), nil
	case "stop":
		if s.load == nil {
			return nil, nil
		}
		stopped := s.load
		s.load = nil
		return nil, stopped.stop()
	case "open":
		began := time.Now()
		err := s.idle.open(request.Address, request.Connections)
		return taken{Count: int64(request.Connections), Nanoseconds: time.Since(began).Nanoseconds()}, err
	case "close":
		s.idle.close()
		return nil, nil
	}
	return nil, fmt.Errorf("unknown request %q", request.Do)
}

func start(request request, servers *servers) (load, error) {
	switch request.Kind {
	case "flow":
		return startFlow(request.Address, request.Connections, servers)
	case "roundTrips":
		return startRoundTrips(request.Address, request.Connections)
	case "dials":
		return startDials(request.Address, request.Connections), nil
	}
	return nil, fmt.Errorf("unknown kind of load %q", request.Kind)
}

func answer(message any) {
	line, err := json.Marshal(message)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(line))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
