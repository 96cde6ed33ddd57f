import type { Locator } from '../document.ts'

/** A file on this machine that a reader may open. It may be large: a reader reads the ranges that it needs. */
export type MediaFile = {
  /** absolute */
  readonly path: string
  readonly name: string
  /** its media type, by its content */
  readonly type: string
  readonly bytes: number
}

/** The reading of a picture, a recording, a film, a scanned PDF or a model file. It is JSON, except for its frames. */
export type MediaReading = {
  readonly facts: MediaFacts
  /** texts at places, in the order of the file */
  readonly passages: readonly MediaPassage[]
  /** pictures of a film, evenly, at most 16 */
  readonly frames: readonly MediaFrame[]
  /** sentences about what the reading lacks, with the command or the setting that brings it */
  readonly gaps: readonly string[]
}

/**
 * A text in a file. Its place is a W3C media fragment: `xywh=10,20,300,40`, `t=12.4,15`, `t=4&xywh=60,140,451,50`, or
 * `page=3`. The text is data, as it was found.
 */
export type MediaPassage = {
  readonly text: string
  readonly at: Locator
  readonly from: 'ocr' | 'speech' | 'subtitle' | 'chapter'
  /** 0..1, as the program says that found it */
  readonly confidence?: number
}

/** A picture of a film: a JPEG, and its time in seconds. */
export type MediaFrame = {
  readonly seconds: number
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Facts of a file, as its headers say. Lengths in seconds, rates per second. Absent: the file does not say it. */
export type MediaFacts = ImageFacts | AudioFacts | VideoFacts | WeightsFacts | PagesFacts

type Tags = { readonly [name: string]: string }

export type ImageFacts = {
  readonly kind: 'image'
  readonly format: string
  readonly width: number
  readonly height: number
  readonly camera?: string
  /** the local time of the camera, as `2024-05-01T10:20:30` */
  readonly takenAt?: string
}

export type AudioFacts = {
  readonly kind: 'audio'
  readonly container: string
  readonly codec?: string
  readonly seconds: number
  readonly sampleRate?: number
  readonly channels?: number
  /** bits a second */
  readonly bitRate?: number
  readonly tags: Tags
}

export type VideoFacts = {
  readonly kind: 'video'
  readonly container: string
  readonly seconds: number
  readonly width?: number
  readonly height?: number
  readonly framesPerSecond?: number
  readonly tracks: readonly { readonly type: string; readonly codec?: string; readonly language?: string }[]
  readonly tags: Tags
}

export type WeightsFacts = {
  readonly kind: 'model'
  readonly format: 'gguf' | 'safetensors' | 'onnx'
  readonly name?: string
  readonly architecture?: string
  readonly parameters?: number
  /** how many tensors have each type */
  readonly tensors: { readonly [type: string]: number }
  readonly quantisation?: string
  readonly contextTokens?: number
  readonly licence?: string
}

type PagesFacts = { readonly kind: 'pages'; readonly pages: number }

/** The terms of a reading: whose it is, for fairness, and until when it is wanted. */
export type MediaTerms = { readonly share: string; readonly signal?: AbortSignal }

/** A reader of some media types. */
export interface MediaReader {
  /** A word and a version, such as `image-1`: it changes when the same bytes give another reading. */
  readonly name: string
  /**
   * Reads a file.
   * @throws TerminalError if it is damaged or too large, with words that follow its name; InvalidError `peer_missing`
   *   if it needs a package that is not installed
   */
  read(file: MediaFile, terms: MediaTerms): Promise<MediaReading>
}
