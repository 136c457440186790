/** A mutation that a page has sent. */
export interface SentMutation {
  /** The procedure, such as `tasks.update`. */
  path: string
  mutationId: string
  input: Record<string, unknown>
  hasCookie: boolean
}

export type Matches = (mutation: SentMutation) => boolean

/** A response that the network gives in the place of the service. */
export interface Reply {
  status: number
  type: 'application/json' | 'text/html'
  body: string
}

/** Requests, or the replies to them, that the network does not let pass for now. */
export interface Held {
  /** Resolves with the first mutation that is held. */
  arrived: Promise<SentMutation>
  /** Lets all of them pass, and those to come. */
  release(): void
}

interface Gate extends Held {
  holds: 'requests' | 'replies'
  matches: Matches
  arrive(mutation: SentMutation): void
  released: Promise<void>
}

interface Answer {
  reply: Reply
  matches: Matches
  given: (mutation: SentMutation) => void
}

/** What happens to mutations on their way. */
export interface Rules {
  hold(holds: Gate['holds'], matches?: Matches): Held
  answer(reply: Reply, matches?: Matches): { given: Promise<SentMutation>; stop(): void }
  /** Returns the reply that a rule gives to a request, if any. */
  replyTo(mutations: readonly SentMutation[]): Reply | undefined
  /** Resolves once no gate holds the request, or the reply to it. */
  pass(holds: Gate['holds'], mutations: readonly SentMutation[]): Promise<void>
  /** Ends all rules. */
  clear(): void
}

const ALL: Matches = () => true

export function createRules(): Rules {
  const gates = new Set<Gate>()
  const answers = new Set<Answer>()
  return {
    hold(holds, matches = ALL) {
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<SentMutation>()
      const { promise: released, resolve } = Promise.withResolvers<void>()
      const gate: Gate = {
        holds,
        matches,
        arrive,
        arrived,
        released,
        release() {
          gates.delete(gate)
          resolve()
        },
      }
      gates.add(gate)
      return gate
    },
    answer(reply, matches = ALL) {
      const { promise: given, resolve } = Promise.withResolvers<SentMutation>()
      const answer: Answer = { reply, matches, given: resolve }
      answers.add(answer)
      return { given, stop: () => void answers.delete(answer) }
    },
    replyTo(mutations) {
      for (const { reply, matches, given } of answers)
        for (const mutation of mutations)
          if (matches(mutation)) {
            given(mutation)
            return reply
          }
      return undefined
    },
    async pass(holds, mutations) {
      for (const gate of gates) {
        const held = gate.holds === holds ? mutations.find(gate.matches) : undefined
        if (held === undefined) continue
        gate.arrive(held)
        await gate.released
      }
    },
    clear() {
      for (const gate of gates) gate.release()
      answers.clear()
    },
  }
}
