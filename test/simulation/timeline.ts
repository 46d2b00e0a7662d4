/** True time of a simulated world, whole epoch ms. It moves only from event to event. */
export interface Timeline {
  now(): number;
  /** Runs `run` at this time, or now if that is past; events of one time in the order in which they were asked for. */
  at(time: number, run: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Goes from event to event while `goOn` says so and there are any. @returns how many events there were */
  play(goOn: () => boolean): Promise<number>;
}

interface Event {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

const isBefore = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** A binary heap: worlds have tens of thousands of events. */
const createQueue = () => {
  const heap: Event[] = [];
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]];
    if (!one || !other) return;
    heap[a] = other;
    heap[b] = one;
  };
  const inOrder = (parent: number, child: number): boolean => {
    const [above, below] = [heap[parent], heap[child]];
    return !above || !below || !isBefore(below, above);
  };
  return {
    add: (event: Event): void => {
      heap.push(event);
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (inOrder(parent, at)) return;
        swap(parent, at);
        at = parent;
      }
    },
    take: (): Event | undefined => {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last || heap.length === 0) return first;
      heap[0] = last;
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        const child = left + 1 < heap.length && !inOrder(left, left + 1) ? left + 1 : left;
        if (child >= heap.length || inOrder(at, child)) return first;
        swap(at, child);
        at = child;
      }
    },
  };
};

/** One turn of the machine's own loop. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * @param start epoch ms
 * @param settled resolves when nothing outside is under way that time has to wait for
 */
export const createTimeline = (start: number, settled?: () => Promise<void>): Timeline => {
  const queue = createQueue();
  let now = start;
  let asked = 0;
  const at = (time: number, run: () => void): void => {
    asked += 1;
    queue.add({ time: Math.max(now, Math.ceil(time)), order: asked, run });
  };
  return {
    now: () => now,
    at,
    sleep: (ms) => new Promise((resolve) => at(now + ms, resolve)),
    play: async (goOn) => {
      let events = 0;
      await turn();
      while (goOn()) {
        const event = queue.take();
        if (!event) break;
        now = event.time;
        events += 1;
        event.run();
        // Everything that follows from the event has then happened.
        await turn();
        await settled?.();
      }
      return events;
    },
  };
};
