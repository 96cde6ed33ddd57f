import { Deferred, Effect, Queue } from 'effect'
import { measureTells } from '../tells.ts'

/** A million messages to a fiber that takes them from a queue, all that wait at once: what comes nearest to an actor in Effect. */
export async function measure() {
  const queue = await Effect.runPromise(Queue.unbounded())
  Effect.runFork(serve(queue))
  return measureTells({
    tell: (add) => void Queue.offerUnsafe(queue, { add }),
    ask(add) {
      const asker = Deferred.makeUnsafe()
      Queue.offerUnsafe(queue, { add, asker })
      return Effect.runPromise(Deferred.await(asker))
    },
  })
}

function serve(queue) {
  return Effect.gen(function* () {
    let total = 0
    while (true) {
      for (const { add, asker } of yield* Queue.takeAll(queue)) {
        total += add
        if (asker) Deferred.doneUnsafe(asker, Effect.succeed(total))
      }
    }
  })
}
