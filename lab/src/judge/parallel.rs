//! Long work on several processors, with its progress shown.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

/// Does the work for each item, and gives back what came of it, in the items' order. A program under
/// check waits most of the time, so there are more workers than processors.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    name: impl Fn(&T) -> String + Sync,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let bar = bar(items.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { break };
            bar.set_message(name(item));
            let result = work(item);
            done.lock().expect("no worker panics while it holds this").push((number, result));
            bar.inc(1);
        }
    };
    let workers = thread::available_parallelism().map_or(2, |cores| 2 * cores.get());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().expect("no worker panics while it holds this");
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

pub fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    ProgressBar::new(length as u64).with_style(style.expect("a template that indicatif knows"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_the_order_of_their_items() {
        let items: Vec<usize> = (0..100).collect();
        let squares = super::each(&items, usize::to_string, |item| item * item);
        assert_eq!(squares, items.iter().map(|item| item * item).collect::<Vec<usize>>());
    }
}
