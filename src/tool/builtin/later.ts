import { z } from 'zod'
import { type LaterTool, laterTool } from '../later.ts'
import { anything } from './anything.ts'

const text = z.string()
const number = z.number()
const flag = z.boolean()
const list = z.array(anything)
const map = z.record(z.string(), anything)
const place = { output_path: text.optional(), title: text.optional() }

/** Operations of a tool: what each does, which parameters it needs, which it may have. */
type Operations = {
  readonly [operation: string]: readonly [description: string, needs: z.ZodRawShape, may?: z.ZodRawShape]
}
type Later = { readonly missing: string; readonly operations: Operations }

const PAGE = {
  url: text.optional(),
  query: text.optional(),
  selector: text.optional(),
  timeout: number.optional(),
  extract_main_content: flag.optional(),
  include_metadata: flag.optional(),
  max_results: number.optional(),
  output_path: text.optional(),
}
const HTTP = { headers: map.optional(), params: map.optional(), timeout: number.optional(), json: anything.optional() }
const SERVER = { server_config: map.optional() }
const ROUTING = {
  models: list.optional(),
  strategy: text.optional(),
  routing_strategy: text.optional(),
  max_concurrent: number.optional(),
  tasks: list.optional(),
  routing_constraints: map.optional(),
}
const IMAGE = {
  size: text.optional(),
  style: text.optional(),
  num_images: number.optional(),
  output_format: text.optional(),
  output_path: text.optional(),
  filename: text.optional(),
  model: text.optional(),
}
const LOOK = {
  analysis_type: text.optional(),
  detail_level: text.optional(),
  output_format: text.optional(),
  confidence_threshold: number.optional(),
  model: text.optional(),
}
const AUDIO = {
  operation: text.optional(),
  language: text.optional(),
  model: text.optional(),
  output_path: text.optional(),
}
const VIDEO = {
  operation: text.optional(),
  frame_interval: number.optional(),
  model: text.optional(),
  output_path: text.optional(),
}

const browse = (description: string) => [description, {}, PAGE] as const

const LATER: { readonly [tool: string]: Later } = {
  'web-search': {
    missing: 'a search service',
    operations: {
      search: [
        'Searches the web',
        { query: text },
        {
          max_results: number.optional(),
          backend: text.optional(),
          region: text.optional(),
          safesearch: anything.optional(),
        },
      ],
    },
  },
  'headless-browser': {
    missing: 'a browser',
    operations: {
      navigate: browse('Opens a page'),
      scrape: browse('Takes the text of a page'),
      extract: browse('Takes parts of a page'),
      verify: browse('Tells whether a page is there'),
      search: browse('Searches the web'),
      screenshot: browse('Takes a picture of a page'),
    },
  },
  'http-client': {
    missing: 'the network, which tools of this version do not use',
    operations: {
      get: ['Fetches an address', { url: text }, HTTP],
      post: ['Sends to an address', { url: text }, { ...HTTP, data: anything.optional() }],
      put: ['Puts at an address', { url: text }, { ...HTTP, data: anything.optional() }],
      delete: ['Deletes at an address', { url: text }, HTTP],
    },
  },
  'python-executor': {
    missing: 'a sandbox to run code in',
    operations: {
      execute: ['Runs Python code', { code: text }, { timeout: number.optional(), capture_output: flag.optional() }],
    },
  },
  visualization: {
    missing: 'a renderer of charts',
    operations: {
      create_charts: [
        'Draws charts',
        { data: anything },
        {
          chart_types: anything.optional(),
          output_dir: text.optional(),
          title: text.optional(),
          theme: text.optional(),
          format: text.optional(),
          width: number.optional(),
          height: number.optional(),
        },
      ],
      create_dashboard: [
        'Puts charts on one page',
        { charts: anything },
        { layout: text.optional(), title: text.optional(), output_dir: text.optional() },
      ],
      export_figures: [
        'Writes charts as pictures',
        {},
        { figures: anything.optional(), format: text.optional(), output_dir: text.optional() },
      ],
    },
  },
  'pdf-compiler': {
    missing: 'a PDF writer',
    operations: {
      compile: [
        'Makes a PDF of markdown',
        {},
        {
          ...place,
          content: text.optional(),
          markdown_content: text.optional(),
          author: text.optional(),
          format: text.optional(),
          include_toc: flag.optional(),
          include_timestamp: flag.optional(),
          install_if_missing: flag.optional(),
        },
      ],
    },
  },
  'mcp-server': {
    missing: 'a client of the Model Context Protocol',
    operations: {
      connect: ['Connects to a server', { server_name: text }, SERVER],
      list_tools: ['Lists the tools of a server', { server_name: text }, SERVER],
      execute_tool: [
        'Calls a tool of a server',
        { server_name: text, tool_name: text },
        { ...SERVER, tool_params: map.optional() },
      ],
      disconnect: ['Leaves a server', { server_name: text }, SERVER],
    },
  },
  'mcp-resource': {
    missing: 'a client of the Model Context Protocol',
    operations: {
      list: ['Lists the resources of a server', { server_name: text }],
      read: ['Reads a resource', { server_name: text, uri: text }],
      subscribe: ['Follows a resource', { server_name: text, uri: text }],
      unsubscribe: ['Follows it no longer', { server_name: text, uri: text }],
    },
  },
  'task-delegation': {
    missing: 'a registry that knows what models cost and can do',
    operations: {
      execute: [
        'Chooses a model for a task',
        { task: text },
        {
          requirements: anything.optional(),
          cost_weight: number.optional(),
          quality_weight: number.optional(),
          fallback_enabled: flag.optional(),
        },
      ],
    },
  },
  'multi-model-routing': {
    missing: 'a registry that knows what models cost and can do',
    operations: {
      execute: ['Chooses a model for a request', {}, { ...ROUTING, request: text.optional() }],
      route: ['Chooses a model for each task', {}, { ...ROUTING, request: text.optional() }],
      optimize_batch: [
        'Spreads tasks over models',
        {},
        { ...ROUTING, request: text.optional(), optimization_goal: text.optional() },
      ],
    },
  },
  'prompt-optimization': {
    missing: 'a model that rewrites prompts',
    operations: {
      execute: [
        'Rewrites a prompt',
        { prompt: text },
        {
          model: text.optional(),
          optimization_goals: anything.optional(),
          optimization_goal: text.optional(),
          preserve_intent: flag.optional(),
        },
      ],
    },
  },
  'image-generation': {
    missing: 'a model that makes pictures',
    operations: {
      execute: ['Makes pictures', { prompt: text }, IMAGE],
      generate: ['Makes pictures', { prompt: text }, IMAGE],
    },
  },
  'image-analysis': {
    missing: 'a model that sees',
    operations: {
      execute: ['Says what a picture shows', { image: text }, LOOK],
      analyze: ['Says what a picture shows', { image: text }, LOOK],
    },
  },
  'audio-processing': {
    missing: 'a model that hears',
    operations: {
      execute: ['Works on a recording', { audio: text }, AUDIO],
      transcribe: ['Writes down what is said', { audio: text }, AUDIO],
      analyze: ['Says what is heard', { audio: text }, AUDIO],
      enhance: ['Makes a recording clearer', { audio: text }, AUDIO],
      convert: ['Converts a recording', { audio: text }, AUDIO],
    },
  },
  'video-processing': {
    missing: 'a model that sees, and a decoder of video',
    operations: {
      execute: ['Works on a video', { video: text }, VIDEO],
      analyze: ['Says what a video shows', { video: text }, VIDEO],
      extract_frames: ['Takes pictures out of a video', { video: text }, VIDEO],
    },
  },
}

/** Tools that come later: known by name and parameters, each with what this version lacks to run it. */
export const laterTools: readonly LaterTool[] = Object.entries(LATER).flatMap(([tool, { missing, operations }]) =>
  Object.entries(operations).map(([operation, [description, needs, may = {}]]) =>
    laterTool(`${tool}:${operation}`, description, missing, z.object({ ...needs, ...may })),
  ),
)
