import { InvalidError } from '../../errors.ts'
import type { Actor } from '../../kernel/types.ts'

/** InvalidError when two actors are of one kind. */
export function checkKinds(actors: readonly Actor[]): void {
  const kinds = actors.map(({ kind }) => kind)
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index)
  if (twice !== undefined)
    throw new InvalidError(`there are two actors of kind ${twice}`, { hint: 'Give yours another kind.' })
}
