const end = -1;

/**
 * Who stands beside whom, by number: for each vertex a linked list in typed arrays, in the order in which it was linked.
 *
 * A link is O(1), so that a graph may grow while it is worked on, and a walk over all of them is O(vertices + links)
 * without an object for each.
 */
export class Edges {
  #first = new Int32Array(0);
  #last = new Int32Array(0);
  #to: Int32Array = new Int32Array(16);
  #next: Int32Array = new Int32Array(16);
  #length = 0;

  /** Makes room for vertices below `count`. */
  cover(count: number): void {
    if (count <= this.#first.length) return;
    const length = Math.max(count, 2 * this.#first.length);
    this.#first = wider(this.#first, length);
    this.#last = wider(this.#last, length);
  }

  get length(): number {
    return this.#length;
  }

  link(from: number, to: number): void {
    if (this.#length === this.#to.length) {
      this.#to = wider(this.#to, 2 * this.#length);
      this.#next = wider(this.#next, 2 * this.#length);
    }
    const link = this.#length++;
    this.#to[link] = to;
    this.#next[link] = end;
    const last = this.#last[from] ?? end;
    if (last === end) this.#first[from] = link;
    else this.#next[last] = link;
    this.#last[from] = link;
  }

  /** The first link of a vertex, or -1: `for (let link = edges.first(v); link >= 0; link = edges.after(link))`. */
  first(vertex: number): number {
    return this.#first[vertex] ?? end;
  }

  after(link: number): number {
    return this.#next[link] ?? end;
  }

  to(link: number): number {
    return this.#to[link] ?? end;
  }

  /** Takes back the newest links, down to `length`. O(vertices + links): only for a graph that is refused. */
  cutTo(length: number): void {
    this.#length = length;
    for (let vertex = 0; vertex < this.#first.length; vertex++) {
      if ((this.#first[vertex] ?? end) >= length) this.#first[vertex] = end;
      let last = this.#first[vertex] ?? end;
      for (let link = last; link !== end; link = this.#next[link] ?? end) {
        if ((this.#next[link] ?? end) >= length) this.#next[link] = end;
        last = link;
      }
      this.#last[vertex] = last;
    }
  }
}

function wider(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length).fill(end, from.length);
  to.set(from);
  return to;
}
