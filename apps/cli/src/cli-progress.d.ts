// The used part of cli-progress 3, which comes without types.
declare module 'cli-progress' {
  interface Options {
    format: string
    stream: { write(text: string): unknown }
    clearOnComplete: boolean
    hideCursor: boolean
    linewrap: boolean
  }
  export class SingleBar {
    constructor(options: Options)
    start(total: number, value: number): void
    update(value: number): void
    stop(): void
  }
}
