import type { Mutation } from '../mutation.ts'

const LIBSQL = 'test/engine/libsql.test.ts'
const OFTEN = 'libsql with a checkpoint at every flush'
const SIMULATION = ['test/simulation/simulation.test.ts', 'the libsql engine keeps its promises'] as const
const FILE = 'src/engine/libsql/checkpoint.ts'

/** What goes from the log to the tables, when the log is trimmed, and what leaves memory. */
export const checkpoint: readonly Mutation[] = [
  {
    name: 'the log is never trimmed',
    file: FILE,
    find: 'if (trimmed < marker) {',
    replace: 'if (trimmed > marker) {',
    caughtBy: ['test/engine/libsql/checkpoint.test.ts', 'the log stays short under steady work'],
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
    file: FILE,
    find: '(value === null ? [] : [[name, part, JSON.stringify(value)]])',
    replace: '(value === null ? [] : [[name, part, JSON.stringify(value)]].slice(1))',
    caughtBy: [LIBSQL, `${OFTEN} parts parts survive a stop and a crash`],
  },
  {
    name: 'parts that were removed stay in their table',
    file: FILE,
    find: '(value === null ? [[name, part]] : [])',
    replace: '(value === null ? [[name, part]].slice(1) : [])',
    caughtBy: SIMULATION,
  },
  {
    name: 'events do not get into their table',
    file: FILE,
    find: "['event', unsaved.events.map(",
    replace: "['event', unsaved.events.slice(1).map(",
    caughtBy: [LIBSQL, `${OFTEN} events a reader that goes on after a crash misses nothing`],
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
    caughtBy: [LIBSQL, `${OFTEN} delivery told mail that waits survives a crash, in order`],
  },
  {
    name: 'dead letters do not get into their table',
    file: FILE,
    find: '      ...letterRows(current.letters),\n',
    replace: '',
    caughtBy: [LIBSQL, `${OFTEN} deadLetters dead letters are listed with their error, also after a crash and a stop`],
  },
]
