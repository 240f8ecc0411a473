/**
 * The WebAssembly import table of a Python interpreter, which is the sandbox's wall.
 *
 * pyodide gives Python its JavaScript host (`import js`, `run_js`, dlopen, NODEFS, `emscripten_run_script`). All of
 * that passes through imported functions, and a program, even one that has corrupted its own memory, can call
 * nothing else. Once sealed, only the imports listed here do anything: clocks, memory growth up to the limit, and
 * reading the in-memory standard library. Standard input and output are the run's own buffers.
 */
import type { StandardFiles } from './python-files.ts'
import type { OutputBuffer } from './runtime.ts'
import type { Fault } from './sandbox-protocol.ts'

export type Import = ((...args: number[]) => unknown) & { sig?: string }
export type ImportTable = Record<string, Import>

/** One run: what goes in, what came out, and its limits. */
export interface Session {
  /** Whether its time is up. */
  isOver: () => boolean
  /** Answers a question that was written as a record. The answer is read in place of standard input. */
  ask?: (question: string) => string
  /** What of the answer has not been read yet. */
  reply: Uint8Array
  stdout: OutputBuffer
  /** Standard error after the last record separator: the answer, or the question. */
  record: OutputBuffer
  memoryRefused: boolean
}

/** Thrown by an import to end a run from the inside; passes through the WebAssembly frames. */
export class Stop {
  readonly fault: Fault
  constructor(fault: Fault) {
    this.fault = fault
  }
}

export interface Wall {
  /** Replaces the functions of an import table, before instantiation. */
  guard(imports: ImportTable): void
  /** From now on only the open imports answer. */
  seal(): void
  /** The run that the streams belong to. */
  session: Session | null
  /** The interpreter's memory; it moves when it grows. */
  memory: WebAssembly.Memory | null
  files: StandardFiles | null
}

const OPEN = new Set(
  `environ_sizes_get environ_get fd_close fd_read fd_write fd_seek fd_pread fd_fdstat_get clock_res_get clock_time_get
  random_get __syscall_openat __syscall_faccessat __syscall_fcntl64 __syscall_ioctl __syscall_fstat64 __syscall_stat64
  __syscall_newfstatat __syscall_lstat64 __syscall_getcwd __syscall_getdents64 __syscall_readlinkat __syscall_dup
  __syscall_dup3 __syscall_getuid32_js emscripten_get_now emscripten_date_now emscripten_get_heap_max
  emscripten_resize_heap _tzset_js _timegm_js _mktime_js _localtime_js _gmtime_js _Py_emscripten_runtime
  _Py_CheckEmscriptenSignals_Helper _PyEM_TrampolineCall_JS exit proc_exit`.split(/\s+/),
)
const CHANGES_FILES = /mkdir|mknod|unlink|rmdir|rename|symlink|chmod|chown|truncate|utimens|fallocate/
const EROFS = 69
const ENOSYS = 52
/** O_WRONLY, O_RDWR, O_CREAT and O_TRUNC of open(2). */
const OPEN_FOR_WRITING = 0o1103
const RECORD_SEPARATOR = 0x1e

export function importWall(memoryBytes: number): Wall {
  let sealed = false
  const wall: Wall = { guard, seal, session: null, memory: null, files: null }

  const replacements: Record<string, (original: Import) => Import> = {
    __syscall_openat: (original) => (folder, path, flags, mode) =>
      sealed && (flags! & OPEN_FOR_WRITING) !== 0 && !wall.files?.isWritable(textAt(path!))
        ? -EROFS
        : original(folder!, path!, flags!, mode!),
    emscripten_resize_heap: (original) => (requested) => {
      if (requested! >>> 0 <= memoryBytes) return original(requested!)
      if (wall.session !== null) wall.session.memoryRefused = true
      return 0
    },
    fd_read: (original) => (fd, vectors, count, result) => {
      if (wall.session?.ask === undefined || fd !== 0) return original(fd!, vectors!, count!, result!)
      return transfer(wall.session, readReply, vectors!, count!, result!)
    },
    fd_write: (original) => (fd, vectors, count, result) => {
      const write = wall.session === null ? undefined : WRITES[fd!]
      if (write !== undefined) return transfer(wall.session!, write, vectors!, count!, result!)
      return original(fd!, vectors!, count!, result!)
    },
    // The bell for a question, which a record holds: os.getuid, unlike os.read, keeps Python's lock, so that this
    // interpreter may be called while the question is being answered.
    __syscall_getuid32_js: (original) => () => {
      if (wall.session?.ask !== undefined) receive(wall.session)
      return original()
    },
    // The same bytes every time: a verdict must not depend on luck.
    random_get: () => (start, length) => {
      const bytes = new Uint8Array(wall.memory!.buffer, start! >>> 0, length! >>> 0)
      for (let i = 0; i < bytes.length; i++) bytes[i] = i * 151 + 97
      return 0
    },
    _Py_CheckEmscriptenSignals_Helper: () => () => {
      if (wall.session?.isOver()) throw new Stop({ kind: 'time limit' })
      return 0
    },
    proc_exit: () => leave,
    exit: () => leave,
  }

  function seal(): void {
    sealed = true
  }

  function guard(imports: ImportTable): void {
    for (const [name, original] of Object.entries(imports)) {
      if (typeof original !== 'function') continue
      const inner = replacements[name]?.(original) ?? original
      const outer: Import = OPEN.has(name) ? inner : (...args) => (sealed ? refuse(name) : inner(...args))
      if (original.sig !== undefined) outer.sig = original.sig
      imports[name] = outer
    }
  }

  /** The text that ends with a zero byte. */
  function textAt(start: number): string {
    const bytes = new Uint8Array(wall.memory!.buffer, start >>> 0)
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)))
  }

  /** Moves bytes through an array of (start, length) pairs, as readv and writev do. */
  function transfer(session: Session, move: Move, vectors: number, count: number, result: number): number {
    const buffer = wall.memory!.buffer
    const words = new DataView(buffer)
    let moved = 0
    for (let i = 0; i < count; i++) {
      const at = (vectors >>> 0) + 8 * i
      const part = new Uint8Array(buffer, words.getUint32(at, true), words.getUint32(at + 4, true))
      const n = move(session, part)
      moved += n
      if (n < part.length) break
    }
    words.setUint32(result >>> 0, moved, true)
    return 0
  }

  return wall
}

type Move = (session: Session, part: Uint8Array) => number

function leave(status?: number): never {
  throw new Stop({ kind: 'exit', detail: `exit status ${status ?? 0}` })
}

function refuse(name: string): number {
  if (!name.startsWith('__syscall_')) throw new Stop({ kind: 'forbidden', detail: name })
  return CHANGES_FILES.test(name) ? -EROFS : -ENOSYS
}

/** Has the question answered that was written as a record. */
function receive(session: Session): void {
  const question = session.record.text()
  session.record.clear()
  session.reply = new TextEncoder().encode(`${session.ask!(question)}\n`)
}

function readReply(session: Session, part: Uint8Array): number {
  const chunk = session.reply.subarray(0, part.length)
  part.set(chunk)
  session.reply = session.reply.subarray(chunk.length)
  return chunk.length
}

function writeOutput(session: Session, part: Uint8Array): number {
  if (!session.stdout.append(part)) throw new Stop({ kind: 'output limit' })
  return part.length
}

function writeRecord(session: Session, part: Uint8Array): number {
  const mark = part.lastIndexOf(RECORD_SEPARATOR)
  if (mark >= 0) session.record.clear()
  if (!session.record.append(part.subarray(mark + 1))) throw new Stop({ kind: 'output limit' })
  return part.length
}

/** What the standard streams do with what is written to them, by file descriptor. */
const WRITES: Record<number, Move> = { 1: writeOutput, 2: writeRecord }
