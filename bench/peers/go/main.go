// bench-go <peer> <workload> [n]: one workload in this process, one JSON line on stdout.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// reps is how many timed repetitions are made: the environment's REPS, else 5.
func reps() int {
	if s := os.Getenv("REPS"); s != "" {
		k, err := strconv.Atoi(s)
		check(err == nil && k > 0)
		return k
	}
	return 5
}

// sample is one timed run. serial is set where the spec wants a speedup, bytes by idle_tasks.
type sample struct {
	d      time.Duration
	ops    int
	serial time.Duration
	bytes  float64
}

type workload struct {
	name string
	n    int
	run  func(n int) sample
}

func since(t time.Time, ops int) sample { return sample{d: time.Since(t), ops: ops} }

// per is how many ops each of k goroutines does, so that together they do about n.
func per(n, k int) int {
	if n < k {
		return 1
	}
	return n / k
}

func check(ok bool) {
	if !ok {
		panic("wrong result")
	}
}

// cpu is the user + system CPU time of the whole process so far.
func cpu() time.Duration {
	var r syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// sleeps are the pseudo-random 1..100 ms sleeps of sleep_many.
func sleeps(n int) []time.Duration {
	v, x := make([]time.Duration, n), uint64(42)
	for i := range v {
		x = (x*1103515245 + 12345) & 0x7fffffff
		v[i] = time.Duration(1+(x>>16)%100) * time.Millisecond
	}
	return v
}

func kb(path, key string) float64 {
	text, err := os.ReadFile(path)
	check(err == nil)
	for _, l := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(l, key) {
			v, err := strconv.ParseFloat(strings.Fields(l)[1], 64)
			check(err == nil)
			return v
		}
	}
	panic(key)
}

// rss is the exact current RSS in bytes.
func rss() float64 { return kb("/proc/self/smaps_rollup", "Rss:") * 1024 }

func median(v []float64) (mid, min, max float64) {
	sort.Float64s(v)
	return v[len(v)/2], v[0], v[len(v)-1]
}

func measure(peer string, w workload, n int) {
	hwm := func() float64 { return kb("/proc/self/status", "VmHWM:") / 1024 }
	if w.name == "idle_tasks" {
		// RSS grows only once per process, so: no warm-up of that size, one measurement, no time.
		bytes := w.run(n).bytes
		fmt.Printf(`{"peer":"%s","workload":"%s","n":%d,"ns_per_op":null,"min":null,"max":null,"rss_mb":%.1f,"bytes_per_task":%.0f}`+"\n",
			peer, w.name, n, hwm(), bytes)
		return
	}
	w.run(per(n, 10))
	var par, serial []float64
	for i := reps(); i > 0; i-- {
		s := w.run(n)
		par = append(par, float64(s.d)/float64(s.ops))
		serial = append(serial, float64(s.serial)/float64(s.ops))
	}
	mid, min, max := median(par)
	extra := ""
	if s, _, _ := median(serial); s > 0 {
		extra = fmt.Sprintf(`,"serial_ns_per_op":%.2f,"speedup":%.2f`, s, s/mid)
	}
	fmt.Printf(`{"peer":"%s","workload":"%s","n":%d,"ns_per_op":%.2f,"min":%.2f,"max":%.2f,"rss_mb":%.1f%s}`+"\n",
		peer, w.name, n, mid, min, max, hwm(), extra)
}

func main() {
	fail := func(s string) {
		fmt.Fprintln(os.Stderr, s)
		os.Exit(2)
	}
	if len(os.Args) < 3 {
		fail("usage: bench-go <go|go-1> <workload|list> [n]")
	}
	peer, name, all := os.Args[1], os.Args[2], common
	switch peer {
	case "go":
		all = append(all, parallel...)
	case "go-1":
		runtime.GOMAXPROCS(1)
	default:
		fail("no peer " + peer)
	}
	for _, w := range all {
		if name == "list" {
			fmt.Println(w.name)
		} else if name == w.name {
			n := w.n
			if len(os.Args) > 3 {
				var err error
				if n, err = strconv.Atoi(os.Args[3]); err != nil || n < 1 {
					fail("n is a number, 1 or more")
				}
			}
			measure(peer, w, n)
			return
		}
	}
	if name != "list" {
		fail(peer + " has no workload " + name)
	}
}
