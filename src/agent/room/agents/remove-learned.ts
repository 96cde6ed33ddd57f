import type { Engine } from '../../../engine/engine.ts'
import { LEARNED_PLAYBOOKS } from '../../playbook/learned-before.ts'
import { noticeOnce } from '../files/read-agent.ts'

/** Actors that are removed at a time. */
const PORTION = 1000

/**
 * Removes the playbooks that agents learned with earlier releases: they hold texts of owners, and nothing else would
 * erase them. A run that follows one goes on, because it has its own plan.
 */
export async function removeLearned({ view, tell }: Engine, notice?: (line: string) => void): Promise<void> {
  let count = 0
  for (let after: string | undefined; ; ) {
    const page = await view.list(LEARNED_PLAYBOOKS, { limit: PORTION, ...(after !== undefined && { after }) })
    await Promise.all(page.map(({ key }) => tell({ kind: LEARNED_PLAYBOOKS, key }, null, { type: 'stop' })))
    for (const { index } of page) count += Number(index.playbooks ?? 0)
    after = page.at(-1)?.key
    if (page.length < PORTION) break
  }
  if (count > 0)
    noticeOnce(notice)(
      `Agents no longer learn playbooks: ${count} learned with an earlier release, accepted or proposed, ${count === 1 ? 'was' : 'were'} removed. See docs/upgrading.md.`,
    )
}
