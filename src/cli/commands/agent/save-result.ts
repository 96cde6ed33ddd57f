import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { partsOfAgent } from '../../../agent/definition/agent-value.ts'
import { hashOfAgent } from '../../../agent/room/agents/program-code.ts'
import { findAgentFile } from '../../../agent/room/files/agent-files.ts'
import { mapTexts } from '../../../lib/json/map-texts.ts'
import { present } from '../../../lib/json/present.ts'
import { createRedaction } from '../../../secret/redaction.ts'
import type { TestCaseResult, TestResult } from '../../../tested/room/documents.ts'
import { openTests } from '../../../tested/room/files.ts'
import type { AgentCaseReport, AgentTestReport } from '../../../testing/agents/report.ts'
import type { AgentTest } from '../../../testing/agents/suite.ts'
import type { Setup } from '../../cli.ts'

/** A test that was run: its file, and its place among the tests of the same agent in it. */
export type RanTest = {
  readonly test: AgentTest
  readonly file: string
  readonly nth: number
  readonly report: AgentTestReport
  readonly filter: string | undefined
}

type Place = Pick<Setup, 'data' | 'ofChain'> & {
  /** the folder of the command */
  readonly folder: string
  readonly environment: { readonly [name: string]: string | undefined }
}

/** Stores the report of a test, without the secrets of the environment. */
export async function saveResult(ran: RanTest, { data, ofChain, folder, environment }: Place): Promise<TestResult> {
  const { test, file, nth, report, filter } = ran
  const inside = relative(ofChain?.folder ?? folder, file)
  const name = isAbsolute(inside) || inside.startsWith('..') ? file : inside
  const [agentHash, text, commit] = await Promise.all([
    hashOfTested(test, folder),
    readFile(file, 'utf8'),
    commitOf(dirname(file)),
  ])
  const result = {
    test: shortHash(`${name}\n${report.agent}\n${nth}`),
    file: name,
    agent: report.agent,
    at: Date.now(),
    passed: report.passed,
    ms: report.ms,
    cost: report.cost,
    tokens: report.cases.reduce((sum, { transcript }) => sum + transcript.tokens, 0),
    fileHash: shortHash(text),
    ...present({ filter, agentHash, commit }),
    notes: [...report.notes],
    cases: report.cases.map(caseOf),
  }
  const { redact } = createRedaction({ ...process.env, ...environment })
  return openTests(data).save(mapTexts(result, redact))
}

function caseOf({ name, passed, failures, notes, transcript, score, ms }: AgentCaseReport): TestCaseResult {
  const { status, messages, answer, output, calls, rounds, models, tokens, cost } = transcript
  const said = answer ?? (output === undefined ? undefined : JSON.stringify(output, null, 2))
  return {
    name,
    passed,
    ms,
    rounds,
    tokens,
    cost,
    status,
    ...present({ score, answer: said }),
    failures: [...failures],
    notes: [...notes],
    messages: messages.map(({ text }) => text),
    calls: calls.map(({ tool, input, outcome }) => ({ tool, input: JSON.stringify(input), ...present({ outcome }) })),
    models: [...models],
  }
}

/** The hash of the agent's definition; undefined for an agent that is neither code nor a file. */
async function hashOfTested({ agent, folder: own }: AgentTest, folder: string): Promise<string | undefined> {
  if (typeof agent === 'object')
    return partsOfAgent(agent)
      ? hashOfAgent(agent as Parameters<typeof hashOfAgent>[0]).slice(0, 16)
      : shortHash(JSON.stringify(agent))
  const project = own ?? folder
  const file = isAbsolute(agent) ? agent : await findAgentFile(agent, project).catch(() => undefined)
  if (file === undefined) return undefined
  const text = await readFile(isAbsolute(file) ? file : join(project, file), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : shortHash(text)
}

/** The commit that is checked out; undefined outside of a repository, or without git. */
async function commitOf(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: folder, timeout: 2000 })
    return /^[0-9a-f]{40,64}$/.exec(stdout.trim())?.[0].slice(0, 12)
  } catch {
    // no git, no repository, or one without a commit: a result without a commit says so
    return undefined
  }
}

const shortHash = (text: string) => hash('sha256', text, 'hex').slice(0, 16)
