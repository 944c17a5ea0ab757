"""main.py <asyncio|uvloop> <workload> [n]: one workload in this process, one JSON line on stdout.

The default n is a tenth of the spec's.
"""
import asyncio
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter_ns as now, process_time_ns as cpu_ns

REPS = int(os.environ.get("REPS", 5))
yield_now = lambda: asyncio.sleep(0)  # noqa: E731, the one way to yield in asyncio
WORKLOADS = {}


def workload(n):
    """Registers a coroutine function, which returns (ns, ops) or, for the speedups, (ns, ops, serial ns)."""

    def register(f):
        WORKLOADS[f.__name__] = (n, f)
        return f

    return register


def kb(path, key):
    with open(path) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(key))


def rss():
    return kb("/proc/self/smaps_rollup", "Rss:") * 1024


def per(n, k):
    """How many ops each of k tasks does, so that together they do about n."""
    return max(1, n // k)


async def tasks(coros):
    for t in [asyncio.create_task(c) for c in coros]:
        await t


async def batches(n, job):
    total, t = 0, now()
    for i in range(0, n, 10_000):
        for h in [asyncio.create_task(job(j)) for j in range(i, min(i + 10_000, n))]:
            total += await h
    t = now() - t
    assert total == n * (n - 1) // 2
    return t, n


async def ready(x):
    return x


async def yield_id(x):
    await yield_now()
    return x


@workload(100_000)
async def spawn_join(n):
    return await batches(n, ready)


@workload(100_000)
async def spawn_yield_join(n):
    return await batches(n, yield_id)


@workload(200_000)
async def yield_many(n):
    k = per(n, 200)

    async def task():
        for _ in range(k):
            await yield_now()

    t = now()
    await tasks(task() for _ in range(200))
    return now() - t, 200 * k


async def pairs(p, n):
    k = per(n, p)

    async def ping(a, b):
        for i in range(k):
            await a.put(i)
            assert await b.get() == i
        await a.put(None)

    async def pong(a, b):
        while (i := await a.get()) is not None:
            await b.put(i)

    t = now()
    qs = [(asyncio.Queue(1), asyncio.Queue(1)) for _ in range(p)]
    await tasks(f(a, b) for a, b in qs for f in (ping, pong))
    return now() - t, p * k


@workload(30_000)
async def ping_pong(n):
    return await pairs(1, n)


@workload(30_000)
async def ping_pong_1k(n):
    return await pairs(1000, n)


@workload(20_000)
async def chained_spawn(n):
    async def link(left, done):
        """Every task spawns the next and hands the done-future down."""
        if left == 1:
            done.set_result(None)
        else:
            asyncio.create_task(link(left - 1, done))

    loop, chains = asyncio.get_running_loop(), per(n, 1000)
    t = now()
    for _ in range(chains):
        done = loop.create_future()
        asyncio.create_task(link(1000, done))
        await done
    return now() - t, chains * 1000


async def mpsc(n, q, put):
    k = per(n, 5)

    async def consume():
        total = 0
        for _ in range(5 * k):
            total += await q.get()
        return total

    t = now()
    consumer = asyncio.create_task(consume())
    await tasks(put(q, k) for _ in range(5))
    assert await consumer == 5 * (k * (k - 1) // 2)
    return now() - t, 5 * k


@workload(100_000)
async def mpsc_bounded(n):
    async def put(q, k):
        for i in range(k):
            await q.put(i)

    return await mpsc(n, asyncio.Queue(100), put)


@workload(200_000)
async def mpsc_unbounded(n):
    async def put(q, k):
        for i in range(k):
            q.put_nowait(i)

    return await mpsc(n, asyncio.Queue(), put)


@workload(50_000)
async def oneshot(n):
    loop = asyncio.get_running_loop()
    t = now()
    for i in range(n):
        f = loop.create_future()
        f.set_result(i)
        assert await f == i
    return now() - t, n


@workload(100_000)
async def mutex_uncontended(n):
    m, v, t = asyncio.Lock(), 0, now()
    for _ in range(n):
        async with m:
            v += 1
    return now() - t, v


@workload(20_000)
async def mutex_contended(n):
    k, m, v = per(n, 10), asyncio.Lock(), 0

    async def task():
        nonlocal v
        for _ in range(k):
            async with m:
                await yield_now()
                v += 1

    t = now()
    await tasks(task() for _ in range(10))
    assert v == 10 * k
    return now() - t, 10 * k


@workload(20_000)
async def semaphore_contended(n):
    k, sem = per(n, 20), asyncio.Semaphore(4)

    async def task():
        for _ in range(k):
            async with sem:
                await yield_now()

    t = now()
    await tasks(task() for _ in range(20))
    return now() - t, 20 * k


@workload(100_000)
async def broadcast(n):
    """asyncio's fan-out is one queue per subscriber; a full one holds the sender up, so nothing is lost."""
    k, subs = per(n, 10), [asyncio.Queue(1024) for _ in range(10)]

    async def send():
        for i in range(k):
            for q in subs:
                await q.put(i)

    async def receive(q):
        for i in range(k):
            assert await q.get() == i

    t = now()
    await tasks([send(), *map(receive, subs)])
    return now() - t, 10 * k


@workload(20_000)
async def watch(n):
    """A Condition tells of the changes. Each of 10 receivers sees n/10 of them; the sender publishes and yields
    until they all have."""
    k, changed, value, live = per(n, 10), asyncio.Condition(), 0, 10

    async def send():
        nonlocal value
        while live:
            async with changed:
                value += 1
                changed.notify_all()
            await yield_now()

    async def receive():
        nonlocal live
        seen = 0
        for i in range(k):
            async with changed:
                while value == seen:
                    await changed.wait()
                seen = value
            assert seen > i
        live -= 1

    t = now()
    await tasks([send(), *(receive() for _ in range(10))])
    return now() - t, 10 * k


@workload(20_000)
async def join3(n):
    t = now()
    for i in range(n):
        a, b, c = await asyncio.gather(yield_id(i), yield_id(i + 1), yield_id(i + 2))
        assert a + b + c == 3 * i + 3
    return now() - t, n


@workload(20_000)
async def select2(n):
    """The loser is cancelled and awaited."""
    loop = asyncio.get_running_loop()

    async def never():
        await loop.create_future()

    t = now()
    for i in range(n):
        both = {asyncio.create_task(yield_id(i)), asyncio.create_task(never())}
        done, pending = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        (winner,), (loser,) = done, pending
        assert winner.result() == i
        loser.cancel()
        try:
            await loser
        except asyncio.CancelledError:
            pass
    return now() - t, n


@workload(20_000)
async def timeout_ready(n):
    t = now()
    for i in range(n):
        async with asyncio.timeout(5):
            assert await yield_id(i) == i
    return now() - t, n


@workload(10_000)
async def sleep_many(n):
    x, s = 42, []
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        s.append((1 + (x >> 16) % 100) / 1000)
    c = cpu_ns()
    await tasks(map(asyncio.sleep, s))
    return cpu_ns() - c, n


@workload(2_000)
async def deep_await(n):
    async def deep(levels, x):
        return await deep(levels - 1, x) + 1 if levels else await yield_id(x)

    t = now()
    for i in range(n):
        assert await deep(100, i) == i + 100
    return now() - t, n


@workload(20_000)
async def deep_resume(n):
    async def deep(levels):
        if levels:
            return await deep(levels - 1) + 1
        for _ in range(n):
            await asyncio.sleep(0)
        return 0

    t = now()
    assert await deep(100) == 100
    return now() - t, n


@workload(20_000)
async def idle_tasks(n):
    never, parked = asyncio.Event(), 0

    async def park():
        nonlocal parked
        parked += 1
        await never.wait()

    await asyncio.wait([asyncio.create_task(ready(0))])
    before = rss()
    hs = [asyncio.create_task(park()) for _ in range(n)]
    while parked < n:
        await yield_now()
    grown = rss() - before
    never.set()
    for h in hs:
        await h
    return grown / n


def number(i):
    return i


@workload(2_000)
async def blocking_roundtrip(n):
    loop = asyncio.get_running_loop()
    t = now()
    for i in range(n):
        assert await loop.run_in_executor(None, number, i) == i
    return now() - t, n


@workload(10_000)
async def blocking_burst(n):
    loop, total, t = asyncio.get_running_loop(), 0, now()
    for i in range(0, n, 1000):
        for h in [loop.run_in_executor(None, number, j) for j in range(i, min(i + 1000, n))]:
            total += await h
    t = now() - t
    assert total == n * (n - 1) // 2
    return t, n


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@workload(4)
async def cpu_scale(n):
    """2 processes, since 2 threads do not run Python at the same time."""
    t = now()
    for _ in range(n):
        assert fib(32) == 2178309
    serial = now() - t
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, fib, 18) for _ in range(2)))  # starts them
        t = now()
        for r in await asyncio.gather(*(loop.run_in_executor(pool, fib, 32) for _ in range(n))):
            assert r == 2178309
        return now() - t, n, serial


@workload(10_000)
async def tcp_echo(n):
    """With asyncio's streams; TCP_NODELAY is asyncio's default."""
    k, conns = per(n, 64), []

    async def echo(r, w):
        while len(b := await r.read(64)):
            w.write(b)
            await w.drain()
        w.close()

    async def client(r, w):
        for i in range(k):
            out = bytes([i & 255]) * 64
            w.write(out)
            await w.drain()
            assert await r.readexactly(64) == out

    server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=128)
    for _ in range(64):
        conns.append(await asyncio.open_connection(*server.sockets[0].getsockname()))
    t = now()
    await tasks(client(r, w) for r, w in conns)
    t = now() - t
    for _, w in conns:
        w.close()
        await w.wait_closed()
    server.close()
    await server.wait_closed()
    return t, 64 * k


def with_timeout(s, call):
    async def wrapped(req):
        async with asyncio.timeout(s):
            return await call(req)

    return wrapped


def with_limit(k, call):
    sem = asyncio.Semaphore(k)

    async def wrapped(req):
        async with sem:
            return await call(req)

    return wrapped


def with_retry(k, call):
    async def wrapped(req):
        for left in range(k, -1, -1):
            try:
                return await call(req)
            except Exception:
                if not left:
                    raise

    return wrapped


@workload(10_000)
async def service_stack(n):
    call = with_timeout(1, with_limit(64, with_retry(2, yield_id)))
    t = now()
    for i in range(n):
        assert await call(i) == i
    return now() - t, n


@workload(100_000)
async def stream_map(n):
    async def source():
        for i in range(n):
            yield i

    t = now()
    mapped = (x * 3 async for x in source())
    kept = (x async for x in mapped if x % 2 == 0)
    total, left = 0, n
    async for x in kept:
        total += x
        left -= 1
        if not left:
            break
    t, m = now() - t, (n + 1) // 2
    assert total == 3 * m * (m - 1)
    return t, n


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("asyncio", "uvloop"):
        sys.exit("usage: main.py <asyncio|uvloop> <workload|list> [n]")
    peer, name = sys.argv[1:3]
    factory = None
    if peer == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    if name == "version":
        print("Python", sys.version.split()[0] + (f", uvloop {uvloop.__version__}" if factory else ""))
        return
    if name == "list":
        print(*WORKLOADS, sep="\n")
        return
    if name not in WORKLOADS:
        sys.exit(f"{peer} has no workload {name}")
    n, f = WORKLOADS[name]
    if len(sys.argv) > 3:
        n = int(sys.argv[3])
    out = {"peer": peer, "workload": name, "n": n}
    with asyncio.Runner(loop_factory=factory) as runner:
        assert ("uvloop" in type(runner.get_loop()).__module__) == (peer == "uvloop")
        if name == "idle_tasks":
            # RSS grows only once per process, so: no warm-up of that size, one measurement, no time.
            out |= {"ns_per_op": None, "min": None, "max": None, "bytes_per_task": round(runner.run(f(n)))}
        else:
            runner.run(f(max(1, n // 10)))
            runs = [runner.run(f(n)) for _ in range(REPS)]
            par = sorted(r[0] / r[1] for r in runs)
            mid = par[REPS // 2]
            out |= {"ns_per_op": round(mid, 2), "min": round(par[0], 2), "max": round(par[-1], 2)}
            if len(runs[0]) > 2:
                serial = sorted(r[2] / r[1] for r in runs)[REPS // 2]
                out |= {"serial_ns_per_op": round(serial, 2), "speedup": round(serial / mid, 2)}
    out["rss_mb"] = round(kb("/proc/self/status", "VmHWM:") / 1024, 1)
    print(json.dumps(out, separators=(",", ":")))


if __name__ == "__main__":
    main()
