/**
 * Why a goal is not met, and what would be needed. Written by hand; shown only when the goal is not met. What is said here
 * must be in the figures or in profiles.md: a guess is called one.
 */
export const REASONS: Readonly<Record<string, string>> = {
  'throughput-8-to-haproxy':
    'per byte it takes less processor time than HAProxy, but on one thread where HAProxy has two. Needed: several threads for one gate.',
  'round-trip-1-p50-to-toxiproxy':
    'as fast as HAProxy, and with less processor time than Toxiproxy, whose Go runtime looks for work before it sleeps: that it is this which saves it a wake-up is a guess. Needed: to ask for events again before sleeping, at the price of processor time while nothing comes; Node.js has no option for it.',
  'round-trip-32-p50-to-toxiproxy':
    'the proxy is one thread, Toxiproxy has one for each core. Needed: several threads for one gate.',
  'round-trip-32-p50-to-haproxy':
    'the proxy is one thread, HAProxy has two, and takes less processor time per round trip. Needed: several threads for one gate.',
  'round-trip-32-cpu-per-100k-to-toxiproxy':
    'nearly nine tenths of the time are spent in the system call that writes ([profile](performance/profiles.md)), one per 64 bytes. Needed: fewer system calls, as io_uring would allow; Node.js has none for sockets.',
  'connects-to-toxiproxy':
    'a connection costs less processor time than in Toxiproxy, but all of it on one thread, and half of it in three system calls: write, connect, close ([profile](performance/profiles.md)). Needed: several threads for one gate.',
  'memory-idle-to-toxiproxy':
    'a connection costs less than a quarter of what it costs in Toxiproxy, but the process begins with seven times as much: see the next row. Needed: that, and 7 kB instead of 10 kB per connection.',
  'memory-process':
    'Node.js has 44 MB resident without any code, and 56 MB with a TLS and an HTTP server (`node -e`), nearly all of it pages of its executable, which the proxies of a node share. The rest is the schemas, metrics, log and command line of a proxy, and their source; it was 17 MB more when the operator was in the same file. Needed: lighter libraries for these; there are 4 MB to spare for them.',
  'delay-10-share':
    'at 10 ms the bound on held bytes is above what one connection carries without faults, which is the measure then. Bytes that were held are written from memory instead of from the cache of the processor: that it is this which costs the rest is a guess. Needed: reads on another thread than writes, as Toxiproxy has them.',
  'slice-to-toxiproxy':
    'more than four fifths of the time are spent in the system call that writes ([profile](performance/profiles.md)), one per slice as the fault wants it; that Toxiproxy gains by two threads, at the same processor time, is a guess. Needed: reads on another thread than writes.',
  'delay-10-memory':
    'within a second, bytes in flight swing between less than one and 17 MB (that this is because three processes share two cores is a guess); memory is kept for a second, and so is that for the most that was held. Needed: to give memory back sooner, at the price of processor time for getting it again.',
  'operator-1000-memory':
    'after a collection of all garbage, 41 MB are objects and source in the heap of JavaScript, 13 MB what they hold outside of it; 56 MB are pages of Node.js, about 30 MB the TLS connections to the proxies, 31 kB for each. The rest is garbage that is not collected yet, and free memory between what is in use: with V8 told to save memory (`--optimize-for-size`) it is 173 MB, but a recovery takes half as long again. Needed: less in the caches than whole objects, and less than a TLS connection for each gate.',
  'operator-10000-memory':
    '339 MB are the heap of JavaScript, 360 MB that of malloc (`/proc/PID/smaps` of one round): of it about 230 MB are kept by OpenSSL, 23 kB for each TLS connection to a proxy, which is what their structures take; that most of the rest is what was needed while all of them were made is a guess. 56 MB are pages of Node.js. Needed: as above.',
  'growth-gates-change':
    'it takes microseconds, by which the rounds differ as much as from the goal: a process that hosts 10,000 gates takes 17 µs for each. That it is the caches of the processor which hold less of each gate is a guess; in a cluster each gate has a process of its own.',
};
