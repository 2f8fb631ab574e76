//! The start of an engine with 100,000 and a million messages in its store: opening it, and reading what must be known
//! before anybody is served, the accounts and the index of open tickets.
//!
//! The data set is made once, by the store, and kept. Not measured: a cold page cache, the loading of the program, the
//! sockets; `make capacity` measures a real process until it says that it is ready.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use deskwire::identity::{Accounts, Keep};
use deskwire::store::{Store, StoreSettings};
use deskwire_benches::beside::Cpu;
use deskwire_benches::dataset;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn starts(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut group = criterion.benchmark_group("cold_start");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(5));
    for messages in [100_000, 1_000_000] {
        let mut cpu = Cpu::default();
        group.throughput(Throughput::Elements(messages));
        group.bench_function(BenchmarkId::from_parameter(messages), |bench| {
            let dir = runtime.block_on(dataset::ready(messages)).expect("a data set");
            bench.iter_custom(|starts| {
                (0..starts)
                    .map(|_| {
                        let mut opened = None;
                        let took = cpu.time(1, || {
                            let (store, thread) = Store::open(&dir, StoreSettings::default()).expect("a whole store");
                            let accounts = runtime.block_on(Accounts::load(Keep::Store(store.clone())));
                            let open = runtime.block_on(store.stages()).expect("an index");
                            assert_eq!(open.len() as u64, messages / 20 / 50);
                            opened = Some((store, thread, accounts.expect("accounts")));
                        });
                        if let Some((_, thread, _)) = opened {
                            runtime.block_on(thread.stop());
                        }
                        took
                    })
                    .sum::<Duration>()
            });
        });
        cpu.keep(&format!("cold_start/{messages}"));
    }
    group.finish();
}

criterion_group!(benches, starts);
criterion_main!(benches);
