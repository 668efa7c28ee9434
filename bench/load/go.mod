module chaosgate.dev/bench/load

go 1.26
