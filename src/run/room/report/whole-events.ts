import type { Engine, NumberedEvent } from '../../../engine/engine.ts'
import { KIND } from '../../../house/actors.ts'
import type { Json } from '../../../kernel/json.ts'
import { parseRef } from '../../../kernel/ref.ts'
import { NOOP_OBSERVER, type Observer } from '../../../observe/observer.ts'
import { decodeEvent } from '../../../step/messages/codec.ts'

/** Wraps an engine so that events of runs have all their fields. Runs store them in a short form. */
export function wholeEngine(engine: Engine): Engine {
  const { view } = engine
  return {
    ...engine,
    view: {
      ...view,
      events: (of, from) => (of.kind === KIND.run ? whole(view.events(of, from)) : view.events(of, from)),
    },
  }
}

async function* whole(events: AsyncIterable<NumberedEvent>): AsyncGenerator<NumberedEvent> {
  for await (const event of events) yield { ...event, body: decodeEvent(event.body) }
}

/** Wraps an observer so that it gets events of runs with all their fields. */
export function wholeObserver(observer: Observer): Observer {
  if (observer === NOOP_OBSERVER) return observer
  return {
    ...observer,
    tell(fact) {
      const isShort = fact.name === 'event-keep' && parseRef(fact.of).kind === KIND.run
      observer.tell(isShort ? { ...fact, body: decodeEvent(fact.body as Json) } : fact)
    },
  }
}
