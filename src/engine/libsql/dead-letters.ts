import { NotFoundError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import type { Database } from '../../store/database/database.ts'
import type { Clock, DeadLetter, DeadLetters } from '../engine.ts'
import { resumeMessage } from '../envelope.ts'
import type { Checkpoint } from './log/checkpoint.ts'
import type { Committer } from './log/committer.ts'
import type { Router } from './router.ts'
import type { LibsqlScheduler } from './scheduler.ts'
import { readDeadLetters } from './tables/dead-letters.ts'

type Options = {
  readonly database: Database
  readonly clock: Clock
  readonly checkpoint: Checkpoint
  readonly committer: Committer
  readonly scheduler: LibsqlScheduler
  readonly router: Router
}

/** The dead letters: the table overlaid with newer entries of the log. */
export function libsqlDeadLetters({ database, clock, checkpoint, committer, scheduler, router }: Options): DeadLetters {
  function all(): ReadonlyMap<string, DeadLetter> {
    const letters = readDeadLetters(database, clock.now())
    for (const [id, letter] of [...checkpoint.letters, ...committer.batch.letters]) {
      if (letter) letters.set(id, letter)
      else letters.delete(id)
    }
    return letters
  }

  function find(id: string): DeadLetter {
    const letter = all().get(id)
    if (!letter) throw new NotFoundError(`There is no dead letter ${id}.`)
    return letter
  }

  function remove(id: string): void {
    committer.batch.letters.set(id, null)
    committer.touch()
  }

  return {
    async list() {
      const letters = [...all().values()]
      await committer.settled()
      return letters
    },
    // found and removed in one step, so that only one of two concurrent callers gets it
    async retry(id) {
      const { letter } = find(id)
      if (!scheduler.knows(letter.to.kind)) throw new NotFoundError(`There is no actor of kind ${letter.to.kind}.`)
      remove(id)
      const again = deriveId(id, 'retry')
      router.accept(resumeMessage(letter))
      router.accept({ ...letter, id: again })
      await committer.settled()
      return again
    },
    async drop(id) {
      find(id)
      remove(id)
      await committer.settled()
    },
  }
}
