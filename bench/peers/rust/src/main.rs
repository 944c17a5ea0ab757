//! bench-rust <peer> <workload> [n]: one workload in this process, one JSON line on stdout.
#![recursion_limit = "512"]
mod par;
mod tk;

use std::{fs, future::Future, pin::Pin, process::exit, time::Instant};

/// One timed run. `serial_ns` is set where the spec wants a speedup, `bytes` (alone) by idle_tasks.
#[derive(Default)]
pub struct Sample {
    pub ns: f64,
    pub ops: u64,
    pub serial_ns: Option<f64>,
    pub bytes: Option<f64>,
}

pub fn since(t: Instant, ops: u64) -> Sample {
    Sample { ns: t.elapsed().as_nanos() as f64, ops, ..Default::default() }
}

/// How many ops each of `k` tasks does, so that together they do about `n`.
pub fn per(n: u64, k: u64) -> u64 {
    (n / k).max(1)
}

pub type Boxed = Pin<Box<dyn Future<Output = Sample> + Send>>;
/// Name, default n, and the async workload.
pub type Workload = (&'static str, u64, fn(u64) -> Boxed);

#[macro_export]
macro_rules! table {
    ($($name:ident = $n:expr),* $(,)?) => {
        pub const ALL: &[$crate::Workload] = &[$((stringify!($name), $n, |n| Box::pin($name(n)))),*];
    };
}

/// User + system CPU time of the whole process so far, in ns.
pub fn cpu_ns() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let rc = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    assert_eq!(rc, 0);
    t.tv_sec as f64 * 1e9 + t.tv_nsec as f64
}

/// The pseudo-random 1..100 ms sleeps of sleep_many.
pub fn sleeps(n: u64) -> impl Iterator<Item = u64> {
    (0..n).scan(42u64, |x, _| {
        *x = (*x * 1103515245 + 12345) & 0x7fff_ffff;
        Some(1 + (*x >> 16) % 100)
    })
}

fn kb(path: &str, key: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find(|l| l.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The exact current RSS in bytes.
pub fn rss() -> f64 {
    kb("/proc/self/smaps_rollup", "Rss:") * 1024.0
}

fn median(mut v: Vec<f64>) -> (f64, f64, f64) {
    v.sort_by(f64::total_cmp);
    (v[v.len() / 2], v[0], v[v.len() - 1])
}

/// Timed repetitions: the environment's REPS, else 5.
fn reps() -> usize {
    std::env::var("REPS").map_or(5, |s| s.parse().expect("REPS is a number"))
}

fn measure(peer: &str, name: &str, n: u64, mut run: impl FnMut(u64) -> Sample) {
    let hwm = || kb("/proc/self/status", "VmHWM:") / 1024.0;
    if name == "idle_tasks" {
        // RSS grows only once per process, so: no warm-up of that size, one measurement, no time.
        let bytes = run(n).bytes.unwrap();
        return println!(
            r#"{{"peer":"{peer}","workload":"{name}","n":{n},"ns_per_op":null,"min":null,"max":null,"rss_mb":{:.1},"bytes_per_task":{bytes:.0}}}"#,
            hwm()
        );
    }
    run((n / 10).max(1));
    let s: Vec<Sample> = (0..reps()).map(|_| run(n)).collect();
    let (mid, min, max) = median(s.iter().map(|s| s.ns / s.ops as f64).collect());
    let mut extra = String::new();
    if s[0].serial_ns.is_some() {
        let serial = median(s.iter().map(|s| s.serial_ns.unwrap() / s.ops as f64).collect()).0;
        extra = format!(r#","serial_ns_per_op":{serial:.2},"speedup":{:.2}"#, serial / mid);
    }
    println!(
        r#"{{"peer":"{peer}","workload":"{name}","n":{n},"ns_per_op":{mid:.2},"min":{min:.2},"max":{max:.2},"rss_mb":{:.1}{extra}}}"#,
        hwm()
    );
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(peer), Some(name)) = (args.first(), args.get(1)) else {
        eprintln!("usage: bench-rust <tokio-current|tokio-multi|rayon> <workload|list> [n]");
        exit(2)
    };
    let all = match peer.as_str() {
        "tokio-current" | "tokio-multi" => tk::ALL,
        "rayon" => par::ALL,
        _ => {
            eprintln!("no peer {peer}");
            exit(2)
        }
    };
    if name == "list" {
        return all.iter().for_each(|w| println!("{}", w.0));
    }
    let Some(&(_, default, f)) = all.iter().find(|w| w.0 == name) else {
        eprintln!("{peer} has no workload {name}");
        exit(2)
    };
    let n: u64 = args.get(2).map_or(default, |s| s.parse().expect("n is a number"));
    // The workload's own task is always spawned, so that it runs on a worker and not in block_on.
    match peer.as_str() {
        "rayon" => {
            rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
            measure(peer, name, n, |n| futures::executor::block_on(f(n)))
        }
        _ => {
            let mut b = if peer == "tokio-multi" {
                let mut b = tokio::runtime::Builder::new_multi_thread();
                b.worker_threads(2);
                b
            } else {
                tokio::runtime::Builder::new_current_thread()
            };
            if name == "cpu_scale" {
                b.max_blocking_threads(2);
            }
            let rt = b.enable_all().build().unwrap();
            measure(peer, name, n, |n| rt.block_on(async move { tokio::spawn(f(n)).await.unwrap() }))
        }
    }
}
