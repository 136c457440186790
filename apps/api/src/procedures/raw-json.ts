/** A reply that the database returned as JSON text. It is sent unchanged, without parsing and serializing it again. */
export class RawJson<T> {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For tRPC's own adapter, which serializes values. */
  toJSON(): T {
    // The code that makes the RawJson states T; tests check every reply against its schema.
    return JSON.parse(this.text) as T
  }
}
