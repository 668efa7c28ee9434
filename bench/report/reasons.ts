/**
 * Why a goal is not met, and what would be needed. Written by hand; shown only when the goal is not met. What is said here
 * must be in the figures or in profiles.md: a guess is called one.
 */
export const REASONS: Readonly<Record<string, string>> = {
  'throughput-8-to-haproxy':
    'per byte it takes less processor time than HAProxy, but on one thread where HAProxy has two. Needed: several threads for one gate.',
  'round-trip-1-p50-to-toxiproxy':
    'as fast as HAProxy, and with less processor time than Toxiproxy, whose Go runtime looks for work before it sleeps: that it is this which saves it a wake-up is a guess. Needed: to ask for events again before sleeping; Node.js has no option for it.',
  'round-trip-32-p50-to-toxiproxy':
    'the proxy is one thread, Toxiproxy has one for each core. Needed: several threads for one gate.',
  'round-trip-32-p50-to-haproxy':
    'the proxy is one thread, HAProxy has two, and takes less processor time per round trip. Needed: several threads for one gate.',
  'round-trip-32-cpu-per-100k-to-toxiproxy':
    'nearly nine tenths of the time are spent in the system call that writes ([profile](performance/profiles.md)), one per 64 bytes. Needed: fewer system calls, as io_uring would allow; Node.js has none for sockets.',
  'connects-to-toxiproxy':
    'a connection costs less processor time than in Toxiproxy, but all of it on one thread, and two thirds of it in system calls: write, connect, close ([profile](performance/profiles.md)). Needed: several threads for one gate.',
  'memory-idle-to-toxiproxy':
    'a connection costs less than a third of what it costs in Toxiproxy, but the process begins with eight times as much: see the next row.',
  'memory-process':
    'Node.js without any code has 44 MB resident, and 53 MB with a TLS server (`node -e`). That the rest is what the bundled file loads: the proxy is in one file with the operator, which it does not run, is a guess. Needed: a file of its own for the proxy; not measured.',
  'delay-10-share':
    'at 10 ms the bound on held bytes is above what one connection carries without faults, which is the measure then. Holding 12 MB takes a copy of each byte, and the garbage collector a seventh of the time ([profile](performance/profiles.md)). Needed: memory for what is held that is not allocated anew for each read.',
  'delay-10-kept':
    'the rounds differ more from each other than from the goal: that 0.14 of 12 MB is what the process varies by anyway is a guess.',
  'slice-to-toxiproxy':
    'more than nine tenths of the time are spent in the system call that writes ([profile](performance/profiles.md)), one per slice as the fault wants it; that Toxiproxy gains by two threads, at the same processor time, is a guess. Needed: reads on another thread than writes.',
  'delay-10-memory':
    '12 MB are in flight, at seven times the rate of a delay of 100 ms, where as many take no more than they are. That the rest waits for the garbage collector is a guess. Needed: as above, memory that is not allocated anew for each read.',
};
