import { z } from 'zod'
import { cachedFields, json, maybe, type Plain, problem, time } from '../../../document.ts'
import type { DeltasLost } from '../../../engine/bus.ts'
import { answer } from '../../../house/by.ts'
import { fileRef } from '../../../lib/media/file-schema.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import type { GoalDelta } from '../../protocol/live.ts'

const parent = z
  .object({ run: maybe(z.string()), goal: maybe(z.string()), thread: maybe(z.string()) })
  .meta({ description: 'the run whose step asks, the goal that was handed over, or the thread of the conversation' })

/** An entry in a list of goals. */
export const goalSummary = z
  .object({
    id: z.string(),
    agent: z.string(),
    goal: z.string().meta({ description: 'its first 200 characters' }),
    owner: z.string(),
    status: z.string(),
    startedAt: time,
    finishedAt: maybe(time),
    rounds: z.number(),
    cost: z.number().meta({ description: 'dollars of its calls and of goals below it, as its budget paid them' }),
    since: maybe(time).meta({ description: 'when the goal began to wait' }),
    startsAt: maybe(time).meta({ description: 'when it begins, if it waits for that time' }),
    behind: maybe(z.array(z.string())).meta({
      description: 'it begins when its key has room: the runs and goals of the key that work, at most ten',
    }),
    parent: maybe(parent),
  })
  .meta({ id: 'GoalSummary' })

/** A goal as a list shows it; times in ms since the epoch. */
export type GoalSummary = Plain<typeof goalSummary>

const callDocument = z
  .object({
    tool: z.string(),
    parameters: z.record(z.string(), json).meta({ description: 'the parameters that the call is made with' }),
    asked: maybe(z.record(z.string(), json)).meta({
      description: 'the parameters that the model gave, if a person changed them',
    }),
    step: maybe(z.string()).meta({
      description: 'its step in the run of the round; absent: the goal answered it itself',
    }),
    outcome: maybe(
      z.enum(['succeeded', 'made', 'failed', 'rejected', 'refused', 'unknown', 'cancelled', 'pending']),
    ).meta({
      description:
        'absent while the call is under way; `made`: it was made, and its result does not fit; `pending`: its round has ended before it, and `late` is its result once there is one',
    }),
    late: maybe(z.object({ outcome: z.string(), result: json })).meta({
      description: 'how a call ended whose round had ended before it; a message of the conversation has the result',
    }),
    result: maybe(json).meta({ description: 'the result; of a long one the beginning that is kept with the goal' }),
    truncated: maybe(z.literal(true)).meta({
      description: 'the goal has only the beginning and the end of the result',
    }),
    files: maybe(z.array(fileRef)).meta({ description: 'files that the result names, which the model gets with it' }),
    tail: maybe(z.string()).meta({ description: 'the end of a result of which `result` is the beginning' }),
    characters: maybe(z.number()).meta({ description: 'of the whole result, if it is truncated' }),
    said: maybe(z.array(answer)).meta({
      description: 'who approved, rejected, changed or settled the call, through what, and when',
    }),
    undone: maybe(z.boolean()).meta({
      description: 'whether the call was undone when the goal failed; absent: nobody tried',
    }),
    undoError: maybe(z.string()).meta({ description: 'why it could not be undone' }),
  })
  .meta({ id: 'GoalCall' })

const roundDocument = z
  .object({
    round: z.number(),
    at: maybe(time).meta({ description: 'when it began' }),
    text: z.string().meta({ description: 'what the model said' }),
    message: maybe(z.number()).meta({
      description: 'the message of its conversation whose reply it belongs to; absent: the first',
    }),
    told: maybe(z.array(z.string())).meta({ description: 'texts that the model got before it answered' }),
    files: maybe(z.array(fileRef)).meta({ description: 'files that came with these texts' }),
    reduced: maybe(z.array(z.object({ file: z.string(), name: z.string(), why: z.string() }))).meta({
      description: 'files that the model got one line for, and why',
    }),
    again: maybe(z.array(z.object({ code: z.string(), message: z.string() }))).meta({
      description: 'why a model was asked again within the round, once for each time (at most 10)',
    }),
    answerFiles: maybe(z.array(fileRef)).meta({ description: 'files that the model made' }),
    model: maybe(z.string()).meta({ description: 'the model that answered' }),
    tokens: maybe(z.number()).meta({ description: 'what the round took; absent: it is reused, or was stopped' }),
    cost: maybe(z.number()).meta({ description: 'dollars' }),
    run: maybe(z.string()).meta({ description: 'the run that makes the calls' }),
    calls: z.array(callDocument),
  })
  .meta({ id: 'GoalRound' })

/** A round of a goal: what the model said, and its calls. */
export type RoundDocument = Plain<typeof roundDocument>

/** A call of a round, with its outcome once it has one. */
export type CallDocument = Plain<typeof callDocument>

/** The request of a round, as `GET /v1/goals/{goal}/rounds/{round}` has it. */
export const requestDocument = z
  .object({
    goal: z.string(),
    round: z.number(),
    model: maybe(z.string()).meta({ description: 'the model that answered' }),
    messages: z.array(
      z.object({
        role: z.string().meta({ description: '`system`, `user`, `assistant` or `tool`, in the order of the request' }),
        text: z.string().meta({ description: 'a call stands as its tool and parameters' }),
        characters: maybe(z.number()).meta({ description: 'of the whole text, if only its beginning is here' }),
        files: maybe(z.array(fileRef)).meta({
          description: 'files that the model got with the text, or a line for each',
        }),
      }),
    ),
    tools: z.array(z.string()).meta({ description: 'the names of the offered tools' }),
    cut: maybe(z.literal(true)).meta({ description: 'the request has more than 256 KiB or 1000 messages' }),
    leftOut: maybe(z.number()).meta({ description: 'messages after the first ones that are left out' }),
    changed: z.array(z.string()).meta({
      description: 'how this differs from what the model got, a sentence each; empty: it got the same',
    }),
  })
  .meta({ id: 'RoundRequest' })

/** The request that a model got in a round of a goal, made again. */
export type RequestDocument = Plain<typeof requestDocument>

const waitDocument = z.object({
  type: z.enum(['limit', 'money', 'stuck', 'unknown', 'health', 'provider', 'model', 'code', 'start', 'queue']).meta({
    description:
      '`provider`: the goal asks its model again at `until`; `model`: no model answers before a person acts; `code`: the process lacks a tool of a program, or has another one of that name; `start`: the goal begins at `until`; `queue`: it begins when its key has room; until `until`, another start of the key takes its place',
  }),
  title: z.string(),
  since: time,
  code: maybe(z.string()).meta({
    description: '`agent_stuck`: the goal repeats a call with the same result; of `model`: why no model answers',
  }),
  changes: maybe(z.array(z.string())).meta({ description: 'of `code`: how the code has changed, a line each' }),
  reply: maybe(z.string()).meta({ description: 'of `model`: the reply that could not be used' }),
  until: maybe(time),
  tries: maybe(z.number()).meta({ description: 'calls of the model that failed in a row' }),
  reason: maybe(z.string()).meta({ description: 'the last failure of a call, in words' }),
  hint: maybe(z.string()).meta({ description: 'what a person can do about it' }),
  long: maybe(z.literal(true)).meta({ description: 'the wait takes a minute or more, so the inbox lists it' }),
  limit: maybe(z.enum(['rounds', 'tokens', 'deadline'])),
  scope: maybe(z.string()).meta({ description: 'the budget that has too little money' }),
  key: maybe(z.string()).meta({ description: 'of `queue`: the key' }),
  place: maybe(z.number()).meta({ description: 'of `queue`: 1 is next; absent: it waits for others to come' }),
  behind: maybe(z.array(z.string())).meta({
    description: 'of `queue`: the runs and goals of the key that work, at most ten',
  }),
})

export const goalDocument = z
  .object({
    id: z.string(),
    agent: z.string(),
    owner: z.string(),
    status: z.enum([
      'new',
      'thinking',
      'acting',
      'waiting',
      'paused',
      'handed_off',
      'undoing',
      'completed',
      'failed',
      'cancelled',
    ]),
    goal: z.string(),
    files: maybe(z.array(fileRef)).meta({ description: 'files that came with the goal' }),
    toolNotes: maybe(z.array(z.string())).meta({
      description:
        'names of tools in the file of its agent that mean nothing here, and tools that the file does not name',
    }),
    system: maybe(z.string()).meta({ description: 'the rules and instructions that its model gets in each round' }),
    recalled: maybe(z.string()).meta({ description: 'what its model got from memory' }),
    show: maybe(z.union([z.enum(['all', 'none']), z.array(z.string())])).meta({
      description: 'the calls whose parameters and results visitors see; absent: none',
    }),
    startedAt: time,
    finishedAt: maybe(time),
    rounds: z.array(roundDocument),
    tokens: z
      .number()
      .meta({ description: 'tokens of its calls and of goals below it, also of replies that were not used' }),
    ...cachedFields,
    cost: z.number().meta({ description: 'dollars of its calls and of goals below it, as its budget paid them' }),
    estimated: maybe(z.literal(true)).meta({
      description: 'tokens and cost are partly estimated, because a provider did not report them',
    }),
    limits: z.object({ rounds: z.number(), calls: z.number(), tokens: z.number(), until: time }),
    playbook: maybe(
      z.object({
        name: z.string(),
        run: z.string(),
        note: z.string().meta({ description: 'such as `followed playbook NAME, no model was asked`' }),
      }),
    ).meta({ description: 'the playbook that the goal follows or followed, and its run' }),
    undo: maybe(z.object({ undone: z.number(), failed: z.number() })).meta({
      description: 'how many calls of a goal that failed were undone, and how many could not be',
    }),
    handedTo: maybe(z.object({ agent: z.string(), goal: z.string() })).meta({
      description: 'the agent and the goal that took over; they answer the first caller',
    }),
    parent: maybe(parent),
    message: maybe(z.number()).meta({
      description: 'the message of its conversation whose reply it writes; absent: that for which it began',
    }),
    changed: maybe(z.array(z.string())).meta({
      description:
        'how the code of its agent has changed since it began, as far as it took the new code. Its instructions are those of its beginning',
    }),
    wait: maybe(waitDocument).meta({ description: 'why the goal waits' }),
    rating: maybe(z.enum(['good', 'bad'])),
    context: maybe(json).meta({ description: 'what the program gave to its tools; no model sees it' }),
    answer: maybe(z.string()),
    output: maybe(json).meta({ description: 'the value of an agent with an `output`; `answer` is its JSON' }),
    answerFiles: maybe(z.array(fileRef)).meta({ description: 'files of the answer, which its model made' }),
    degraded: maybe(z.literal(true)).meta({ description: 'something is missing in the answer' }),
    lacks: maybe(z.array(z.string())).meta({ description: 'what is missing in the answer, one sentence each' }),
    problem: maybe(problem),
  })
  .meta({ id: 'Goal' })

/** A goal with its rounds. */
export type GoalDocument = Plain<typeof goalDocument>

export const startedGoal = z
  .object({
    id: z.string(),
    joined: maybe(z.literal(true)).meta({ description: 'it is the open goal of its key, and no new one' }),
  })
  .meta({ id: 'StartedGoal' })

/** An event of a goal: durable with a number `n`, the text of its model without one. */
export type FollowedGoalEvent = { readonly n?: number; readonly body: GoalEvent | GoalDelta | DeltasLost }
