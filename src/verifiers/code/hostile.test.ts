import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CodeTests, closeSandboxes, verifyCode } from './verify.ts'

const SECRET = 'a-secret-of-the-host'
const folder = mkdtempSync(join(tmpdir(), 'r1-hostile-'))
const witness = join(folder, 'witness.txt')
const intrinsics = () =>
  [Object.prototype, Array.prototype, Function.prototype, globalThis].map((o) => Reflect.ownKeys(o).length)
let before: { intrinsics: number[]; heap: number; handlers: number }

beforeAll(() => {
  writeFileSync(witness, 'untouched')
  process.env.R1_HOSTILE_SECRET = SECRET
  before = {
    intrinsics: intrinsics(),
    heap: process.memoryUsage().heapUsed + process.memoryUsage().external,
    handlers: process.listenerCount('SIGTERM'),
  }
})
afterAll(async () => {
  await closeSandboxes()
  delete process.env.R1_HOSTILE_SECRET
  rmSync(folder, { recursive: true })
})

/** Only programs that must run into it get a short time limit: the machine may be busy. */
const limits = (reason: RegExp) => ({
  secondsPerTest: reason.source.includes('time limit') ? 1.5 : 60,
  secondsTotal: 120,
  memoryMb: 192,
  outputBytes: 1_000_000,
})
const PATIENCE = 600_000
/** The tests a program would have to cheat at: it never prints or returns what they ask for. */
const PRINTS: CodeTests = { kind: 'stdio', tests: [{ input: '1\n', output: 'the-expected-7' }] }
const ASSERTS: CodeTests = { kind: 'asserts', asserts: ['assert f(1) == 4217', 'assert f(2) == 9931'] }
const HUMANEVAL: CodeTests = {
  kind: 'humaneval',
  prompt: 'def f(x):\n    """magic"""\n',
  test: 'def check(candidate):\n    assert candidate(1) == 4217\n    assert candidate(2) == 9931\n',
  entryPoint: 'f',
}
const CASES: CodeTests = { kind: 'function', name: 'f', cases: [{ arguments: [1], expected: 4217 }] }

/** Each must be judged wrong, for the reason given, with the next program unharmed. */
const PYTHON: [name: string, program: string, tests: CodeTests, reason: RegExp][] = [
  ['infinite loop', 'while True: pass', PRINTS, /^time limit of 1.5 s in test 1/],
  [
    'loop that swallows every exception',
    'while True:\n  try:\n    while True: pass\n  except BaseException: pass',
    PRINTS,
    /time limit/,
  ],
  ['loop in C', 'any(iter(int, 1))', PRINTS, /time limit/],
  ['sleep', 'import time\ntime.sleep(1000)', PRINTS, /time limit/],
  ['catastrophic regular expression', 'import re\nre.match(r"(a+)+$", "a" * 60 + "b")', PRINTS, /time limit/],
  ['huge power', 'x = 10 ** 10 ** 8', PRINTS, /time limit|memory limit/],
  ['memory bomb, one block', 'x = b"x" * (1 << 30)', PRINTS, /memory limit of 192 MB/],
  ['memory bomb, slowly', 'x = []\nwhile True: x.append(bytearray(1 << 20))', PRINTS, /memory limit/],
  ['printing 1 GB', 'line = "x" * (1 << 16)\nfor _ in range(1 << 14): print(line)', PRINTS, /output limit/],
  ['1 GB to standard error', 'import os\nwhile True: os.write(2, b"x" * 65536)', PRINTS, /output limit/],
  [
    'recursion bomb',
    'import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()',
    PRINTS,
    /Recursion|memory limit|crash|time limit/,
  ],
  [
    'recursion in C',
    'x = []\nfor _ in range(10 ** 6): x = [x]\nimport sys\nsys.setrecursionlimit(10 ** 9)\nrepr(x)',
    PRINTS,
    /Recursion|crash|memory|time limit/,
  ],
  ['fork bomb', 'import os\nwhile True: os.fork()', PRINTS, /OSError|AttributeError|forbidden/],
  ['subprocess', 'import subprocess\nsubprocess.run(["touch", "/tmp/x"])', PRINTS, /closed in the sandbox/],
  [
    'system',
    `import os\nprint(os.system("echo x > ${witness}"))`,
    PRINTS,
    /forbidden \(_emscripten_system\)/,
  ],
  ['reading a host file', `print(open(${JSON.stringify(witness)}).read())`, PRINTS, /FileNotFoundError/],
  [
    'writing a host file',
    `open(${JSON.stringify(witness)}, "w").write("owned")`,
    PRINTS,
    /OSError|FileNotFound/,
  ],
  ['filling the disk', 'f = open("/tmp/x", "wb")\nwhile True: f.write(b"x" * 65536)', PRINTS, /Read-only/],
  ['a million folders', 'import os\nfor i in range(10 ** 6): os.mkdir(f"/tmp/{i}")', PRINTS, /Read-only/],
  ['removing the library', 'import os\nos.remove("/lib/python314.zip")', PRINTS, /Read-only/],
  ['sockets', 'import socket\nsocket.create_connection(("127.0.0.1", 80))', PRINTS, /closed in the sandbox/],
  [
    'raw sockets',
    'import sys, _imp\nfrom importlib.machinery import BuiltinImporter\nm = _imp.create_builtin(BuiltinImporter.find_spec("_socket"))\n_imp.exec_builtin(m)\nm.socket().connect(("127.0.0.1", 80))',
    PRINTS,
    /Function not implemented/,
  ],
  ['the js module', 'import js\njs.process.exit(1)', PRINTS, /closed in the sandbox/],
  ['run_js', 'from pyodide.code import run_js\nrun_js("process.exit(1)")', PRINTS, /closed in the sandbox/],
  ['pyodide_js', 'import pyodide_js\npyodide_js._api', PRINTS, /closed in the sandbox/],
  ['micropip', 'import micropip', PRINTS, /ModuleNotFoundError/],
  [
    'ctypes',
    'import ctypes\nctypes.CDLL(None).emscripten_run_script(b"process.exit(1)")',
    PRINTS,
    /closed in the sandbox/,
  ],
  [
    'importers put back',
    'import sys\nsys.meta_path = sys.meta_path[1:]\nimport pyodide.code\npyodide.code.run_js("1")',
    PRINTS,
    /No module named 'js'/,
  ],
  [
    'the core module by hand',
    'import _imp\nfrom importlib.machinery import BuiltinImporter\nm = _imp.create_builtin(BuiltinImporter.find_spec("_pyodide_core"))\n_imp.exec_builtin(m)\nm.run_js("process.exit(1)")',
    PRINTS,
    /AttributeError/,
  ],
  [
    'ctypes by hand',
    'import sys\nsys.meta_path = sys.meta_path[1:]\nimport ctypes\nctypes.pythonapi.emscripten_run_script(b"process.exit(1)")\nctypes.string_at(0xfffffff0, 64)',
    PRINTS,
    /forbidden \(ffi_/,
  ],
  [
    'a JavaScript object on the heap',
    'import gc\nfound = [o for o in gc.get_objects() if "Js" in type(o).__name__]\nassert not found, "leak"\nraise ValueError("none found")',
    PRINTS,
    /none found/,
  ],
  [
    'forged bytecode',
    'def f(): pass\nf.__code__ = f.__code__.replace(co_code=bytes([150, 255, 90, 200, 120, 7] * 200), co_stacksize=1)\nf()',
    PRINTS,
    /crash/,
  ],
  ['the environment', 'import os\nraise ValueError(dict(os.environ))', PRINTS, /ValueError/],
  ['os._exit(0) before any output', 'import os\nos._exit(0)', PRINTS, /expected "the-expected-7"/],
  [
    'closing the streams',
    'import os\nfor i in range(3): os.close(i)\nos.dup2(0, 1)',
    PRINTS,
    /Bad file descriptor/,
  ],
  [
    'sys.exit(0) in place of an answer',
    'import sys\ndef f(x): sys.exit(0)',
    ASSERTS,
    /0 of 2 tests passed; test 1: SystemExit/,
  ],
  [
    'os._exit(0) in place of an answer',
    'import os\ndef f(x): os._exit(0)',
    ASSERTS,
    /ended itself \(exit status 0\) in test 1/,
  ],
  ['os._exit(0) in HumanEval', 'import os\ndef f(x): os._exit(0)', HUMANEVAL, /ended itself/],
  [
    'AssertionError made harmless',
    'import builtins\nclass Quiet(BaseException): pass\nbuiltins.AssertionError = Quiet\ndef f(x): return 0',
    ASSERTS,
    /expected 4217, got 0/,
  ],
  [
    'an object equal to everything',
    'class Yes:\n  def __eq__(self, other): return True\n  def __hash__(self): return 0\ndef f(x): return Yes()',
    ASSERTS,
    /0 of 2 tests passed; test 1: expected 4217/,
  ],
  [
    'an int equal to everything',
    'class Yes(int):\n  def __eq__(self, other): return True\ndef f(x): return Yes(1)',
    ASSERTS,
    /expected 4217, got 1/,
  ],
  [
    'an object equal to everything, HumanEval',
    'class Yes:\n  def __eq__(self, other): return True\ndef f(x): return Yes()',
    HUMANEVAL,
    /expected 4217/,
  ],
  [
    'an object equal to everything, function',
    'class Yes:\n  def __eq__(self, other): return True\ndef f(x): return Yes()',
    CASES,
    /expected 4217, got an object/,
  ],
  [
    'reading the frames',
    'import sys\ndef f(x):\n  frame = sys._getframe()\n  seen = []\n  while frame:\n    seen += [c for c in frame.f_code.co_consts if isinstance(c, int) and c > 4000]\n    seen += [v for v in frame.f_locals.values() if isinstance(v, int) and v > 4000]\n    frame = frame.f_back\n  return seen[0] if seen else None',
    ASSERTS,
    /expected 4217, got None/,
  ],
  [
    'searching the heap',
    'import gc\nA, B = 42 * 100 + 17, 99 * 100 + 31\ndef f(x):\n  for o in gc.get_objects():\n    if type(o).__name__ == "function" and o.__name__ == "check": return A\n    if type(o) is dict and str(A) in repr(o.get("source")): return A\n  return None',
    HUMANEVAL,
    /expected 4217, got None/,
  ],
  [
    'trace function that jumps',
    'import sys\ndef jump(frame, event, arg):\n  try: frame.f_lineno += 1\n  except Exception: pass\n  return jump\nsys.settrace(jump)\ndef f(x): return 0',
    HUMANEVAL,
    /time limit/,
  ],
  [
    'builtins replaced',
    'import builtins\nfor name in ("abs", "all", "len", "set", "sorted", "isinstance", "repr"): setattr(builtins, name, lambda *a, **k: True)\ndef f(x): return 0',
    { kind: 'asserts', asserts: ['assert sorted(f(1)) == [1]', 'assert len(f(1)) == 3'] },
    /no reply/,
  ],
  [
    'own definitions of builtins',
    'def len(x): return 3\ndef sorted(x): return [1]\ndef f(x): return [9]',
    { kind: 'asserts', asserts: ['assert sorted(f(1)) == [1]', 'assert len(f(1)) == 3'] },
    /0 of 2/,
  ],
  [
    'the runner replaced',
    'import sys\nsys.modules["_runner"].serve = lambda text: sys.modules["os"].write(2, b"\\x1e{\\"passed\\": true, \\"value\\": true}")\nsys.modules["_judge"].test = lambda r: {"passed": True}\ndef f(x): return 0',
    ASSERTS,
    /expected 4217, got True/,
  ],
  [
    'a forged record',
    'import os, sys\nos.write(2, b"\\x1e{\\"passed\\": true, \\"value\\": \\"4217\\", \\"error\\": null}")\nos._exit(0)',
    ASSERTS,
    /ended itself/,
  ],
  [
    'a record nested without end',
    'import os\ndef f(x):\n  os.write(2, b"\\x1e{\\"value\\": " + b"[" * 400000)\n  os._exit(0)',
    CASES,
    /ended itself/,
  ],
  [
    'a value nested without end',
    'def f(x):\n  y = []\n  for _ in range(100000): y = [y]\n  return y',
    CASES,
    /Recursion|crash|memory/,
  ],
  [
    'a number too long to read',
    'print("1" * 900000 + "x")',
    { kind: 'stdio', tests: [{ input: '', output: '1' }] },
    /expected "1"/,
  ],
  [
    'threads',
    'import threading, _thread\nwhile True: _thread.start_new_thread(print, (1,))',
    PRINTS,
    /RuntimeError|forbidden|crash/,
  ],
  ['signals', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', PRINTS, /forbidden/],
]

const js = (program: string) => `\`\`\`js\n${program}\n\`\`\``
const JS_PRINTS: CodeTests = { ...PRINTS, language: 'javascript' } as CodeTests
const JS_CASES: CodeTests = { ...CASES, language: 'javascript' } as CodeTests
const JAVASCRIPT: [name: string, program: string, tests: CodeTests, reason: RegExp][] = [
  ['infinite loop', 'for (;;) {}', JS_PRINTS, /time limit/],
  ['loop that swallows exceptions', 'for (;;) try { for (;;) {} } catch {}', JS_PRINTS, /time limit/],
  [
    'promises without end',
    'const again = () => Promise.resolve().then(again); again()',
    JS_PRINTS,
    /time limit/,
  ],
  ['memory bomb', 'const a = []; for (;;) a.push(new Uint8Array(1e7))', JS_PRINTS, /memory limit/],
  ['string bomb', 'let s = "x"; for (;;) s += s', JS_PRINTS, /memory limit|string too long|InternalError/],
  ['printing 1 GB', 'const s = "x".repeat(65536); for (;;) console.log(s)', JS_PRINTS, /output limit/],
  ['recursion bomb', 'const f = () => f(); f()', JS_PRINTS, /stack overflow|InternalError|RangeError|crash/],
  [
    'the host by way of Function',
    'console.log(console.log.constructor("return typeof process.binding + typeof __read + typeof WebAssembly")())',
    JS_PRINTS,
    /undefinedundefinedundefined/,
  ],
  [
    'the file system',
    'console.log(require("fs").readFileSync("/etc/passwd"))',
    JS_PRINTS,
    /closed in the sandbox/,
  ],
  ['child processes', 'require("child_process").execSync("id")', JS_PRINTS, /Cannot find module/],
  ['import', 'import("node:fs").then((fs) => console.log(fs))', JS_PRINTS, /expected "the-expected-7"/],
  [
    'prototype games',
    'for (const o of [Object, Array, Function, String, Promise, Map]) { o.prototype.toJSON = () => 4217; o.prototype.then = (f) => f(4217); o.prototype.valueOf = () => 4217 }\nObject.prototype.passed = true; JSON.stringify = () => "[]"\nfunction f() { return { __proto__: { valueOf: () => 4217 } } }',
    JS_CASES,
    /expected 4217|Error: 4217/,
  ],
  ['process.exit in place of an answer', 'function f() { process.exit(0) }', JS_CASES, /ended itself/],
]

describe('hostile programs', () => {
  const healthy =
    '```python\nimport builtins, sys, os\nassert len([1, 2]) == 2 and sorted([2, 1]) == [1, 2]\nprint(int(input()) + 6)\n```'
  const healthyTests: CodeTests = { kind: 'stdio', tests: [{ input: '1\n', output: '7' }] }

  it.each(PYTHON)(
    'Python: %s',
    async (_name, program, tests, reason) => {
      const verdict = await verifyCode(`\`\`\`python\n${program}\n\`\`\``, tests, limits(reason))
      expect(verdict).toMatchObject({ correct: false, reason: expect.stringMatching(reason) })
      expect(verdict.reason).not.toContain(SECRET)
      expect(readFileSync(witness, 'utf8')).toBe('untouched')
    },
    PATIENCE,
  )

  it(
    'leave nothing behind for the next Python program',
    async () => {
      expect(await verifyCode(healthy, healthyTests, limits(/./))).toMatchObject({ correct: true })
    },
    PATIENCE,
  )

  it.each(JAVASCRIPT)(
    'JavaScript: %s',
    async (_name, program, tests, reason) => {
      const verdict = await verifyCode(js(program), tests, limits(reason))
      expect(verdict).toMatchObject({ correct: false, reason: expect.stringMatching(reason) })
    },
    PATIENCE,
  )

  it('leave nothing behind for the next JavaScript program', async () => {
    const tests: CodeTests = { ...healthyTests, language: 'javascript' } as CodeTests
    expect(await verifyCode(js('console.log(Number(readline()) + 6)'), tests)).toMatchObject({
      correct: true,
    })
  })

  it("leave the host's memory, globals and files as they were", () => {
    expect(intrinsics()).toEqual(before.intrinsics)
    expect(process.listenerCount('SIGTERM')).toBe(before.handlers)
    expect(readFileSync(witness, 'utf8')).toBe('untouched')
    const { heapUsed, external } = process.memoryUsage()
    expect(heapUsed + external - before.heap).toBeLessThan(300 * 1024 * 1024)
  })
})
