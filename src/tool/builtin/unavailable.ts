import { z } from 'zod'
import { createUnavailableTool, type UnavailableTool } from '../unavailable.ts'

/** The operations of an unavailable tool, and what they need to work. */
type UnavailableOperations = { readonly missing: string; readonly operations: Operations }

/** By operation: description, required parameters, optional parameters. */
type Operations = {
  readonly [operation: string]: readonly [description: string, needs: z.ZodRawShape, may?: z.ZodRawShape]
}

const text = z.string()
const number = z.number()

const IMAGE = {
  size: text.optional(),
  style: text.optional(),
  num_images: number.optional(),
  output_format: text.optional(),
  output_path: text.optional(),
  filename: text.optional(),
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

/** Tools for images, audio and video. */
const MEDIA_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'image-generation': {
    missing: 'a model that generates images',
    operations: {
      execute: ['Generates images', { prompt: text }, IMAGE],
      generate: ['Generates images', { prompt: text }, IMAGE],
    },
  },
  'audio-processing': {
    missing: 'a model that analyses sound (transcribe and speak exist)',
    operations: {
      execute: ['Works on a recording', { audio: text }, AUDIO],
      analyze: ['Describes the sounds in a recording', { audio: text }, AUDIO],
      enhance: ['Makes a recording clearer', { audio: text }, AUDIO],
      convert: ['Converts a recording', { audio: text }, AUDIO],
    },
  },
  'video-processing': {
    missing: 'a vision model, and a video decoder',
    operations: {
      execute: ['Works on a video', { video: text }, VIDEO],
      analyze: ['Describes a video', { video: text }, VIDEO],
      extract_frames: ['Extracts frames of a video', { video: text }, VIDEO],
    },
  },
}

const RESOURCE_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'mcp-resource': {
    missing: 'a service that watches for changes',
    operations: {
      subscribe: ['Follows a resource', { server_name: text, uri: text }],
      unsubscribe: ['Follows it no longer', { server_name: text, uri: text }],
    },
  },
}

/** Tools that this version knows by name and parameters but cannot run. */
export const unavailableTools: readonly UnavailableTool[] = Object.entries({
  ...RESOURCE_TOOLS,
  ...MEDIA_TOOLS,
}).flatMap(([tool, later]) => toolsOf(tool, later))

function toolsOf(tool: string, { missing, operations }: UnavailableOperations): readonly UnavailableTool[] {
  return Object.entries(operations).map(([operation, [description, needs, may = {}]]) =>
    createUnavailableTool(`${tool}:${operation}`, description, missing, z.object({ ...needs, ...may })),
  )
}
