import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'
const NAMES = 'test/engine/libsql/stored/name-filter.test.ts'
const OVER = 'test/engine/libsql/finished.test.ts'
const ROWS = 'test/engine/libsql/log/checkpoint-rows.test.ts'
const OFTEN = 'libsql with a checkpoint at every flush'
const SIMULATION = ['test/simulation/simulation.test.ts', 'the libsql engine keeps its promises'] as const
const BESIDE = 'test/engine/libsql/tables/inline-rows.test.ts'
const FILE = 'src/engine/libsql/log/checkpoint.ts'
const SAVE = 'src/engine/libsql/tables/rows.ts'

/** What goes from the log to the tables, when the log is trimmed, and what leaves memory. */
export const checkpoint: readonly Mutation[] = [
  {
    name: 'what lay beside a cell is lost when the actor is written again',
    file: SAVE,
    find: 'inlined === null && before !== DAMAGED_INLINED ? spreadRows(name, before) : []',
    replace: '[]',
    caughtBy: [BESIDE, 'moves to separate rows with the write that makes it large, with the current values'],
  },
  {
    name: 'an actor that is written again has only what is new beside its cell',
    file: SAVE,
    find: 'const whole = activation.stored && !gone ? withStored(activation, before) : unsaved',
    replace: 'const whole = unsaved',
    caughtBy: [BESIDE, 'is still one row after the next write'],
  },
  {
    name: 'what earlier rows of the log say of an actor that is over counts after a restart',
    file: 'src/engine/libsql/log/recovery.ts',
    find: 'for (const name of row.finished ?? []) sink.activations.delete(name)',
    replace: '',
    caughtBy: [OVER, 'earlier rows of the log about a finished actor are ignored'],
  },
  {
    name: 'the log is told of an actor that is over, too',
    file: 'src/engine/libsql/log/batch.ts',
    find: 'if (!finished.has(activation))',
    replace: '',
    caughtBy: [OVER, 'the last turn of a finished actor is written once, directly to the tables'],
  },
  {
    name: 'an actor that is over is written as the log was told of it before',
    file: 'src/engine/libsql/log/batch.ts',
    find: 'activation.unsaved.logged = undefined',
    replace: '',
    caughtBy: [OVER, 'its row holds its last action, also where earlier code stored only a name'],
  },
  {
    name: 'an actor that is over is written again by the checkpoint that was about to',
    file: FILE,
    find: 'round?.left.delete(activation)',
    replace: '',
    caughtBy: [ROWS, 'an actor that finishes just before its checkpoint is written at once, and not again'],
  },
  {
    name: 'parts beside a cell are not looked for while their rows are being written',
    file: 'src/engine/libsql/tables/parts.ts',
    find: 'const ONE = orInlined(',
    replace: 'const ONE = String(',
    caughtBy: [BESIDE, 'keeps its parts in reach until the rows that it is to get are there'],
  },
  {
    name: 'events that follow one another are one stretch, whosever they are',
    file: 'src/engine/libsql/tables/inline-rows.ts',
    find: 'correlationId === next.correlationId && ',
    replace: '',
    caughtBy: [BESIDE, 'consecutive events of one piece of work form a stretch'],
  },
  {
    name: 'an effect begins though its turn was ended while it waited for the disk',
    file: 'src/engine/interrupt.ts',
    find: '    if (turn.halted) return\n    const effect',
    replace: '    const effect',
    caughtBy: [
      'test/engine/libsql/watermark.test.ts',
      'an effect that waited for the disk when its turn was ended does not begin',
    ],
  },
  {
    name: 'a stored message that the log has taken is forgotten, not deleted',
    file: FILE,
    find: 'new Map(recovered.stored)',
    replace: 'new Map(recovered.pending.size > 0 ? recovered.stored : [])',
    caughtBy: [ROWS, 'mail that the log has taken leaves its table'],
  },
  {
    name: 'the log is trimmed beyond what the tables hold',
    file: FILE,
    find: 'trimmed = Math.min(marker, trimmed + limits.trim)',
    replace: 'trimmed = marker + limits.trim',
    caughtBy: [ROWS, 'a checkpoint trims the entries that the log held at its start'],
  },
  {
    name: 'the marker says that more is in the tables than is',
    file: FILE,
    find: "['marker', [[current.upto]]]",
    replace: "['marker', [[current.upto + 2]]]",
    caughtBy: [ROWS, 'a checkpoint trims the entries that the log held at its start'],
  },
  {
    name: 'the log is never trimmed',
    file: FILE,
    find: 'if (trimmed < marker) {',
    replace: 'if (trimmed > marker) {',
    caughtBy: ['test/engine/libsql/log/checkpoint.test.ts', 'the log stays short under steady work'],
  },
  {
    name: 'rows are trimmed before their ids are kept',
    file: FILE,
    find: "rows.push(['keepIds', [[trimmed]]], ['trim', [[trimmed]]])",
    replace: "rows.push(['trim', [[trimmed]]], ['keepIds', [[trimmed]]])",
    caughtBy: [LIBSQL, `${OFTEN} replies the same id gets the same reply`],
  },
  {
    name: 'parts do not get into their table',
    file: SAVE,
    find: '(value === null ? [] : [[name, part, JSON.stringify(value)]])',
    replace: '(value === null ? [] : [[name, part, JSON.stringify(value)]].slice(1))',
    caughtBy: [ROWS, 'a restarted actor with a large state gets rows when its old rows are gone'],
  },
  {
    name: 'parts that were removed stay in their table',
    file: SAVE,
    find: '(value === null ? [[name, part]] : [])',
    replace: '(value === null ? [[name, part]].slice(1) : [])',
    caughtBy: SIMULATION,
  },
  {
    name: 'events do not get into their table',
    file: SAVE,
    find: "['event', unsaved.events.flatMap(",
    replace: "['event', unsaved.events.slice(1).flatMap(",
    caughtBy: [ROWS, 'a restarted actor with a large state gets rows when its old rows are gone'],
  },
  {
    name: 'outcomes do not get into their table',
    file: FILE,
    find: "['outcome', mail.flatMap(outcomeRows)]",
    replace: "['outcome', mail.slice(mail.length).flatMap(outcomeRows)]",
    caughtBy: SIMULATION,
  },
  {
    name: 'mail does not get into its table',
    file: FILE,
    find: "['mail', fresh.map(",
    replace: "['mail', fresh.slice(1).map(",
    caughtBy: [LIBSQL, `${OFTEN} delivery waiting mail survives a crash, in order`],
  },
  {
    name: 'dead letters do not get into their table',
    file: FILE,
    find: '      ...letterRows(current.letters),\n',
    replace: '',
    caughtBy: [ROWS, 'dead letters get into their table'],
  },
  {
    name: 'mail that was taken stays in its table',
    file: FILE,
    find: "['dropMail', current.gone.map(([, row]) => [row])]",
    replace: "['dropMail', current.gone.slice(current.gone.length).map(([, row]) => [row])]",
    caughtBy: [ROWS, 'mail that the log has taken leaves its table'],
  },
  {
    name: 'the tables keep parts and events of a former life',
    file: SAVE,
    find: 'activation.stored && (!cell || wiped)',
    replace: 'activation.stored && (!cell || (wiped && false))',
    caughtBy: [ROWS, 'a restarted actor leaves no rows of its earlier life in the tables'],
  },
  {
    name: 'an actor leaves memory before it is in the tables',
    file: FILE,
    find: 'isSaved: (activation) => !dirty.has(activation) &&',
    replace: 'isSaved: (activation) => dirty !== undefined &&',
    caughtBy: [ROWS, 'an actor is saved when the flush that takes it is on disk'],
  },
  {
    name: 'actors that were saved stay in memory however many there are',
    file: 'src/engine/libsql/activation/activation-cache.ts',
    find: '        evict(oldest)\n',
    replace: '',
    caughtBy: [
      'test/engine/libsql/activation/activation-cache.test.ts',
      'the cache keeps the actors that were saved last',
    ],
  },
  {
    name: 'ids that are long are not kept',
    file: 'src/store/database/writer.ts',
    find: "      if (isLong) prepared.get('ids')!([[seq, ids]])\n",
    replace: '',
    caughtBy: ['test/engine/libsql/idempotency.test.ts', 'long ids go at once where they are kept'],
  },
  {
    name: 'an actor leaves memory before its last commit is on disk',
    file: 'src/engine/libsql/engine.ts',
    find: '|| !stored.isDurable(activation)',
    replace: '',
    caughtBy: SIMULATION,
  },
  {
    name: 'an actor that left memory passes for new',
    file: 'src/engine/libsql/engine.ts',
    find: 'if (activation.cell) names.add(activation.name)',
    replace: '',
    caughtBy: [LIBSQL, `${OFTEN} delivery many messages to many actors each arrive once`],
  },
  {
    name: 'stored actors are not found again by their names',
    file: 'src/engine/libsql/stored/name-filter.ts',
    find: '      set(b >>> 8)\n',
    replace: '',
    caughtBy: [NAMES, 'many names are known'],
  },
  {
    name: 'the few stored actors are forgotten when they become many',
    file: 'src/engine/libsql/stored/name-filter.ts',
    find: 'createBloomFilter(few)',
    replace: 'createBloomFilter([])',
    caughtBy: [NAMES, 'many names are known'],
  },
  {
    name: 'gone actors stay in memory',
    file: 'src/engine/libsql/engine.ts',
    find: 'if (!activation.cell && !activation.stored) evict(activation)',
    replace: '',
    caughtBy: ['test/engine/libsql/activation/activation.test.ts', 'actors that stop in their only turn leave memory'],
  },
  {
    name: 'a flush takes along so many actors whatever they hold',
    file: 'src/engine/libsql/log/checkpoint.ts',
    find: 'while (rows > 0 && characters > 0 &&',
    replace: 'while (rows > 0 &&',
    caughtBy: [ROWS, 'a small flush takes few large actors along, and a large flush takes more'],
  },
  {
    name: 'what lies beside a cell is written anew however much it is',
    file: SAVE,
    find: 'stored.text.length > MAX_REWRITTEN_CHARACTERS',
    replace: 'stored.text.length < 0',
    caughtBy: [ROWS, 'large values beside a cell are not rewritten: they and later ones get their own rows'],
  },
  {
    name: 'what passed through is left out when a map begins anew',
    file: 'src/lib/collections/compacting-map.ts',
    find: 'map = new Map(map)',
    replace: 'map = new Map()',
    caughtBy: ['test/lib/collections/compacting-map.test.ts', 'holds what a Map would hold'],
  },
]
