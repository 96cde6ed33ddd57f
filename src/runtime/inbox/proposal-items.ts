import type { MemoryPort } from '../../memory/room/open-port.ts'
import type { ShownContent } from '../../run/room/inbox-source.ts'
import type { FactItem } from '../../thread/room/documents/inbox.ts'

/** The proposed facts of an owner, or of all owners. They are read from their memories, where their texts stay. */
export async function proposalItems(
  memory: MemoryPort,
  owner: string | undefined,
  shown: ShownContent,
): Promise<readonly FactItem[]> {
  const owners = (await memory.proposers()).filter((name) => owner === undefined || name === owner)
  const lists = owners.map(async (name) => {
    const proposals = await memory(name).proposals.list()
    return proposals.map(
      ({ id, learnedAt, space, source, subject, text, against, isOver }): FactItem => ({
        kind: 'fact',
        record: id,
        owner: name,
        since: learnedAt,
        space,
        source,
        title: 'May this fact be remembered?',
        ...(isOver && { isOver }),
        ...(shown !== 'none' && {
          text,
          ...(subject !== undefined && { subject }),
          ...(against && { against: { text: against.text, source: against.source } }),
        }),
        expects: { type: 'proposal', choices: ['accept', 'decline'] },
      }),
    )
  })
  return (await Promise.all(lists)).flat()
}
