import type { LinkState } from '../../access/link.ts'
import { readToken } from '../../access/token.ts'
import type { Engine } from '../../engine/engine.ts'
import { is } from '../../errors.ts'
import { NOTICES } from '../actor.ts'

type LinkOrder = Pick<LinkState, 'run' | 'signal' | 'owner' | 'step' | 'since'> & {
  readonly id: string
  readonly token: string
  /** ms */
  readonly ttl: number
}

/** Opens the link of one question. An attempt that is repeated finds the link that the first one opened. */
export async function openNoticeLink(engine: Engine, { id, token, ...link }: LinkOrder): Promise<void> {
  const { hash } = readToken('lk', token)!
  const body = { type: 'create', kind: 'approval', ...link, hash }
  try {
    await engine.ask({ kind: 'link', key: id }, body, { correlationId: NOTICES, forTurn: true })
  } catch (error) {
    if (!is(error) || error.code !== 'id_taken') throw error
  }
}
