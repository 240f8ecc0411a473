/**
 * Standard input and output as files of the interpreter's in-memory file system, as programs find them on a judge's
 * machine: input is a regular file (its size can be asked), and both have their names in /dev and /proc/self/fd.
 */
import type { OutputBuffer } from './runtime.ts'

/** The part of emscripten's file system that is used here. */
export interface FileSystem {
  streams: (Stream | null)[]
  currentPath: string
  mkdir(path: string): unknown
  mkdev(path: string, device: number): unknown
  makedev(major: number, minor: number): number
  registerDevice(device: number, operations: object): void
  unlink(path: string): void
  unmount(path: string): void
  destroyNode(node: FileNode): void
  symlink(target: string, path: string): unknown
  writeFile(path: string, bytes: Uint8Array): void
  lookupPath(path: string, options: { follow: boolean }): { node: FileNode | null }
  open(path: string, flags: number): Stream
}

interface Stream {
  /** Null once it is closed. */
  fd: number | null
  position: number
  node: FileNode
}

interface FileNode {
  contents?: Uint8Array
  usedBytes?: number
}

export interface StandardFiles {
  /** What standard input holds, from its beginning. */
  setInput(bytes: Uint8Array): void
  /** Whether this path may be opened for writing: standard output and its kin, which no file lies behind. */
  isWritable(path: string): boolean
  /** The files that are open, as they were at first. */
  reset(): void
}

const WRITE_ONLY = 1

/** Of the device; any that nothing else uses. */
const MAJOR = 64

export function standardFiles(files: FileSystem, output: () => OutputBuffer | undefined): StandardFiles {
  type Write = (stream: unknown, buffer: Uint8Array, offset: number, length: number) => number
  const write: Write = (_stream, buffer, offset, length) => {
    output()?.append(buffer.subarray(offset, offset + length))
    return length
  }
  const discard: Write = (_stream, _buffer, _offset, length) => length
  for (const name of ['stdin', 'stdout', 'stderr']) files.unlink(`/dev/${name}`)
  files.writeFile('/dev/stdin', new Uint8Array())
  for (const [minor, [name, operation]] of Object.entries({ stdout: write, stderr: discard }).entries()) {
    const device = files.makedev(MAJOR, minor)
    files.registerDevice(device, { write: operation, open: () => {}, close: () => {} })
    files.mkdev(`/dev/${name}`, device)
  }
  // What emscripten mounts there has links that lead nowhere, in front of the folder that it is mounted on.
  files.destroyNode(files.lookupPath('/proc/self/fd', { follow: true }).node!)
  files.unmount('/proc/self/fd')
  files.mkdir('/dev/fd')
  for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries())
    for (const folder of ['/dev/fd', '/proc/self/fd']) files.symlink(`/dev/${name}`, `${folder}/${fd}`)

  const { streams, currentPath } = files
  for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries()) {
    streams[fd] = null
    files.open(`/dev/${name}`, fd === 0 ? 0 : WRITE_ONLY)
  }
  const open = [...streams]
  const input = streams[0]!
  const writable = ['/dev/null', '/dev/stdout', '/dev/stderr'].map(nodeAt)

  return {
    setInput(bytes) {
      Object.assign(input.node, { contents: bytes, usedBytes: bytes.length })
      input.position = 0
    },
    isWritable(path) {
      const node = nodeAt(path)
      return node !== null && writable.includes(node)
    },
    reset() {
      streams.splice(0, streams.length, ...open)
      for (const [fd, stream] of open.entries()) if (stream !== null) stream.fd = fd
      files.currentPath = currentPath
    },
  }

  function nodeAt(path: string): FileNode | null {
    try {
      return files.lookupPath(path, { follow: true }).node
    } catch {
      return null
    }
  }
}
