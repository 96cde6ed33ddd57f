import { describe, expect, test } from 'vitest'
import { dequeue, enqueue, hasMail, type Mail, type Mailbox, putBack, removeWork } from '../../src/engine/mailbox.ts'
import { createQueue } from '../../src/engine/queue.ts'
import type { Envelope } from '../../src/kernel/types.ts'
import { envelope } from '../kernel/fixtures.ts'

function boxOf(...mail: readonly Partial<Envelope>[]): Mailbox {
  const box: Mailbox = {
    name: 'counter/a',
    cell: undefined,
    queue: createQueue(),
    running: undefined,
    ready: false,
    held: false,
  }
  for (const more of mail) enqueue(box, mailOf(more))
  return box
}

const mailOf = (more: Partial<Envelope>): Mail => ({ envelope: envelope(more) })
const idsOf = (mail: readonly Mail[]) => mail.map(({ envelope: { id } }) => id)

function idsIn(box: Mailbox): readonly string[] {
  const mail: Mail[] = []
  while (hasMail(box)) mail.push(dequeue(box)!)
  return idsOf(mail)
}

describe('the mail of a piece of work', () => {
  test('is taken out of the box; other mail and special messages stay', () => {
    const box = boxOf(
      { id: 'a', correlationId: 'work' },
      { id: 'b', correlationId: 'other' },
      { id: 'c', correlationId: 'work', type: 'event' },
      { id: 'd', correlationId: 'work', type: 'watch' },
    )
    expect(idsOf(removeWork(box, 'work'))).toEqual(['a', 'c'])
    expect(idsIn(box)).toEqual(['b', 'd'])
  })
})

describe('a box', () => {
  test('gives a cancellation and a stop before all that came before them', () => {
    const box = boxOf({ id: 'a' }, { id: 'cancel', type: 'cancel' }, { id: 'stop', type: 'stop' })
    expect(idsIn(box)).toEqual(['stop', 'cancel', 'a'])
  })

  test('takes mail back behind what overtakes, before all other', () => {
    const box = boxOf({ id: 'a' }, { id: 'cancel', type: 'cancel' })
    putBack(box, mailOf({ id: 'interrupted' }))
    expect(idsIn(box)).toEqual(['cancel', 'interrupted', 'a'])
  })
})
