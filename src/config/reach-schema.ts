import { z } from 'zod'
import { timeSpanSchema } from '../lib/time/span-schema.ts'
import { hasNoCredentials } from '../model/provider/base-url.ts'
import { isSecret } from '../secret/names.ts'

const hostOrRange = z
  .string()
  .regex(/^[\w.:-]+(?:\/\d{1,3})?$/, 'expected a host such as wiki.example.com, or a range such as 10.0.0.0/8')
const hostName = z.string().regex(/^[\w.:-]{1,253}$/, 'expected a host such as pypi.org')
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:8080' })
  .refine(hasNoCredentials, 'expected an address without a user and a password')

/** `web:`: what tools may reach beside public addresses. */
export const webSchema = z.strictObject({
  allow: z.array(hostOrRange).max(1000).exactOptional(),
  ports: z.array(z.int().min(1).max(65_535)).max(1000).exactOptional(),
  proxy: httpUrl.exactOptional(),
})

const mebibyte = 1024 * 1024
const mebibytes = z
  .number()
  .min(16)
  .max(1_000_000)
  .transform((count) => Math.round(count * mebibyte))

/** `sandbox:`: where foreign code runs, and what it may use. Memory and disk are MiB there and bytes here. */
export const sandboxSchema = z.strictObject({
  use: z.array(z.string().min(1).max(100)).max(20).exactOptional(),
  memory: mebibytes.exactOptional(),
  seconds: z.number().positive().max(86_400).exactOptional(),
  processes: z.int().min(1).max(10_000).exactOptional(),
  disk: mebibytes.exactOptional(),
  files: z.int().min(1).max(1_000_000).exactOptional(),
  network: z.array(hostName).max(100).exactOptional(),
  image: z
    .string()
    .regex(/^[\w.:/@-]{1,300}$/, 'expected the name of an image such as python:3.13-slim')
    .exactOptional(),
})

/** `search:`: the search service of `web-search`. */
export const searchSchema = z.strictObject({
  backend: z.enum(['brave', 'tavily', 'searxng', 'duckduckgo']),
  url: httpUrl.exactOptional(),
  key: z
    .string()
    .refine(isSecret, 'expected the name of a secret such as secret://brave, not the key itself')
    .exactOptional(),
  cost: z.number().min(0).max(1000).exactOptional(),
})

/**
 * `mcp:`: what antiphon offers as a server of the Model Context Protocol,
 * beside uploaded pipelines: tools by name, and files of pipelines.
 */
export const mcpSchema = z.strictObject({
  serve: z.array(z.string().min(1).max(4096)).max(1000).exactOptional(),
})

const ruledTool = z.string().min(1).max(200)
const toolRule = z.strictObject({ tool: ruledTool, when: z.string().min(1).max(2000) })

/** `tools:`: which calls that a model chose wait for a person. Absent: those that may do harm. */
export const toolsSchema = z.strictObject({
  approve: z
    .union([z.literal('none'), z.array(z.union([ruledTool, toolRule])).max(1000)], {
      error: 'expected a list of tools, each a name or a map of tool and when, or none',
    })
    .exactOptional(),
})

/** The key of antiphon.yaml for agents that are put at run time. A deadline is a time span, in seconds here. */
export const agentSettings = {
  agents: z
    .strictObject({
      budget: z.number().min(0).max(1_000_000_000).exactOptional(),
      deadline: timeSpanSchema.exactOptional(),
      maxTurns: z.int().min(1).max(1_000_000).exactOptional(),
      maxTokens: z.int().min(1).max(10_000_000).exactOptional(),
      count: z.int().min(0).max(10_000).exactOptional(),
    })
    .exactOptional(),
}
