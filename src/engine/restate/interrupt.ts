import type { ObjectContext } from '@restatedev/restate-sdk'
import { dropTurn } from '../../kernel/turn.ts'
import type { Cell, Commit, Envelope } from '../../kernel/types.ts'
import type { Node } from './node.ts'

/** What becomes of a turn that was called off. */
export async function callOff(
  _node: Node,
  _ctx: ObjectContext,
  cell: Cell | undefined,
  envelope: Envelope,
): Promise<Commit> {
  return dropTurn(cell, envelope, 'it was called off')
}
