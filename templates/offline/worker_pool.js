// Workers that check sections of an export, as many as the machine has processors. Each runs the
// page's own library, from a Blob: nothing is loaded from anywhere.

const MAX_WORKERS = 16;
const SECTIONS_EACH = 2;

class WorkerPool {
  constructor(library, verifier, size = Math.min(navigator.hardwareConcurrency || 2, MAX_WORKERS)) {
    this.address = URL.createObjectURL(
      new Blob([library, '\nstartWorker();\n'], {type: 'text/javascript'}));
    this.workers = Array.from({length: size}, () => this.start(verifier));
    this.next = 0;
  }

  // How many sections may be under way at once.
  get capacity() {
    return this.workers.length * SECTIONS_EACH;
  }

  start(verifier) {
    const worker = new Worker(this.address);
    const answers = [];
    worker.onmessage = ({data}) => {
      const {resolve, reject} = answers.shift();
      if (data.fault) reject(new Error(data.fault));
      else resolve(data.checked);
    };
    worker.onerror = () => answers.splice(0).forEach(({reject}) => reject(new Error('a worker failed')));
    worker.postMessage({verifier});
    return {worker, answers};
  }

  // What the lines of a section are. The section's bytes move to the worker.
  check(lines) {
    if (!this.workers.length) return Promise.reject(stopped());
    const {worker, answers} = this.workers[this.next];
    this.next = (this.next + 1) % this.workers.length;
    const checked = new Promise((resolve, reject) => {
      answers.push({resolve, reject});
      worker.postMessage({lines}, [lines.buffer]);
    });
    // When opening ends early, nobody waits for it.
    checked.catch(() => {});
    return checked;
  }

  // Ends all workers. Whoever still waits for an answer gets an AbortError.
  end() {
    for (const {worker, answers} of this.workers.splice(0)) {
      worker.terminate();
      answers.splice(0).forEach(({reject}) => reject(stopped()));
    }
    URL.revokeObjectURL(this.address);
  }
}

function stopped() {
  return new DOMException('stopped', 'AbortError');
}
