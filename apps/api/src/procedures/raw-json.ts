/** A reply that the database has made as JSON: it goes on as it stands, and is not read only to be written again. */
export class RawJson<T> {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For tRPC's own adapter, which writes values. */
  toJSON(): T {
    // What the text is of, whoever made it says; the tests hold every reply against its schema.
    return JSON.parse(this.text) as T
  }
}
