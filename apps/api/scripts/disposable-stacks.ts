// DisposableStack and AsyncDisposableStack for Node 22, with the methods that the service uses. Node 24 has them.

class OwnDisposableStack implements Disposable {
  #steps: (() => void)[] = []
  #isDisposed = false

  defer(step: () => void): void {
    if (this.#isDisposed) throw new ReferenceError('The stack is already disposed')
    this.#steps.push(step)
  }

  dispose(): void {
    this.#isDisposed = true
    const failures: unknown[] = []
    for (const step of this.#steps.splice(0).toReversed())
      try {
        step()
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) throw failures.at(-1)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

class OwnAsyncDisposableStack implements AsyncDisposable {
  #steps: (() => unknown)[] = []
  #isDisposed = false

  defer(step: () => unknown): void {
    if (this.#isDisposed) throw new ReferenceError('The stack is already disposed')
    this.#steps.push(step)
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(async () => await resource[Symbol.asyncDispose]())
    return resource
  }

  move(): OwnAsyncDisposableStack {
    const moved = new OwnAsyncDisposableStack()
    for (const step of this.#steps.splice(0)) moved.defer(step)
    this.#isDisposed = true
    return moved
  }

  async disposeAsync(): Promise<void> {
    this.#isDisposed = true
    const failures: unknown[] = []
    for (const step of this.#steps.splice(0).toReversed())
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) throw failures.at(-1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disposeAsync()
  }
}

/** Returns Node's own class, or `own` if Node has none. */
const orOwn = <T>(name: string, own: T): T => (Reflect.get(globalThis, name) as T | undefined) ?? own

export const DisposableStack = orOwn('DisposableStack', OwnDisposableStack)
export const AsyncDisposableStack = orOwn('AsyncDisposableStack', OwnAsyncDisposableStack)
