/** What the tests of a program may look like, and what a program may not make of them. */
import { afterAll, describe, expect, it } from 'vitest'
import { type CodeTests, closeSandboxes, verifyCode } from './verify.ts'

afterAll(closeSandboxes)

const PATIENT = { secondsPerTest: 120, secondsTotal: 240 }
const PATIENCE = 600_000
const judge = (program: string, tests: CodeTests) =>
  verifyCode(`\`\`\`python\n${program}\n\`\`\``, tests, PATIENT)
const asserts = (setup: string, ...sources: string[]): CodeTests => ({
  kind: 'asserts',
  ...(setup === '' ? {} : { setup }),
  asserts: sources,
})

const POINT = `class Point:
  def __init__(self, x, y): self.x, self.y = x, y
  def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)
  def __add__(self, other): return Point(self.x + other.x, self.y + other.y)
  def __mul__(self, k): return Point(self.x * k, self.y * k)
  def __lt__(self, other): return self.x < other.x
  def __repr__(self): return f'Point({self.x}, {self.y})'
  def __len__(self): return 2
  def __iter__(self): return iter([self.x, self.y])
  def __getitem__(self, i): return [self.x, self.y][i]
  def norm(self, p=2): return (self.x ** p + self.y ** p) ** (1 / p)`

describe('a right program passes', () => {
  it.each<[name: string, program: string, tests: CodeTests]>([
    [
      'attributes and methods',
      POINT,
      asserts('', 'assert Point(3, 4).norm() == 5.0', 'assert Point(3, y=4).y == 4'),
    ],
    ['attributes that are set', POINT, asserts('', 'p = Point(1, 2)\np.x = 7\nassert p.x == 7')],
    [
      'operators',
      POINT,
      asserts('', 'assert Point(1, 2) + Point(3, 4) == Point(4, 6)', 'assert (Point(1, 2) * 3).x == 3'),
    ],
    ['order', POINT, asserts('', 'assert [p.x for p in sorted([Point(3, 0), Point(1, 0)])] == [1, 3]')],
    [
      'text',
      POINT,
      asserts('', "assert repr(Point(1, 2)) == 'Point(1, 2)' and f'{Point(1, 2)}' == 'Point(1, 2)'"),
    ],
    [
      'items, length, iteration',
      POINT,
      asserts('', 'p = Point(1, 2)\nassert len(p) == 2 and p[1] == 2 and list(p) == [1, 2]'),
    ],
    [
      'isinstance of a class of its own',
      POINT,
      asserts('', 'assert isinstance(Point(1, 2), Point)\nassert not isinstance(3, Point)'),
    ],
    [
      'hasattr and getattr',
      POINT,
      asserts(
        '',
        "assert hasattr(Point(1, 2), 'x') and not hasattr(Point(1, 2), 'z')\nassert getattr(Point(1, 2), 'z', 9) == 9",
      ),
    ],
    [
      'an exception of its own',
      'class Bad(ValueError): pass\ndef f(x):\n  raise Bad("no", x)',
      asserts('', 'try:\n  f(1)\n  assert False\nexcept Bad as e:\n  assert e.args == ("no", 1)'),
    ],
    [
      'an exception with its message',
      'def f(x):\n  raise KeyError("missing")',
      asserts(
        '',
        'try:\n  f(1)\nexcept KeyError as e:\n  assert str(e) == "\'missing\'"\nelse:\n  assert False',
      ),
    ],
    [
      'a test that catches anything',
      'def f(x): raise ZeroDivisionError',
      asserts('', 'try:\n  f(1)\n  ok = False\nexcept:\n  ok = True\nassert ok'),
    ],
    [
      'named tuples',
      'from collections import namedtuple\nP = namedtuple("P", "a b")\ndef f(): return P(1, 2)',
      asserts('', 'assert f().b == 2 and f() == (1, 2)'),
    ],
    [
      'counters, ordered and default dictionaries',
      'from collections import *\ndef f(s): return Counter(s)\ndef g(): return OrderedDict(b=1, a=2)\ndef h(): return defaultdict(list, {1: [2]})',
      asserts(
        '',
        'assert f("aab").most_common(1) == [("a", 2)]',
        'assert list(g()) == ["b", "a"]',
        'assert h()[5] == [] and h()[1] == [2]',
      ),
    ],
    [
      'views of a dictionary',
      'D = {1: "a", 2: "b"}\ndef k(): return D.keys()\ndef v(): return D.values()\ndef i(): return D.items()',
      asserts('', 'assert k() == {1, 2}', 'assert sorted(v()) == ["a", "b"]', 'assert (2, "b") in i()'),
    ],
    [
      'dates',
      'from datetime import *\ndef f(): return datetime(2020, 2, 29, 12, 30)\ndef g(d): return d + timedelta(days=1)',
      asserts(
        'from datetime import date, datetime',
        'assert f() == datetime(2020, 2, 29, 12, 30) and f().year == 2020',
        'assert g(date(2020, 2, 28)) == date(2020, 2, 29)',
      ),
    ],
    [
      'arrays of bytes and numbers',
      'import array\ndef f(b):\n  b.append(3)\n  return array.array("i", list(b))',
      asserts('', 'b = bytearray([1, 2])\nassert list(f(b)) == [1, 2, 3]\nassert b == bytearray([1, 2, 3])'),
    ],
    [
      'whole floats stay floats',
      'def f(x): return x / 2',
      asserts('', 'assert str(f(4)) == "2.0" and isinstance(f(4), float)'),
    ],
    [
      'floats arrive as floats',
      'def f(x): return type(x).__name__',
      asserts('', 'assert f(3.0) == "float" and f(3) == "int"'),
    ],
    [
      'types as arguments and results',
      'def f(x, t): return [v for v in x if not isinstance(v, t)]\ndef g(x): return type(x)',
      asserts('', 'assert f((4, 7.5, "a"), int) == [7.5, "a"]', 'assert g(1) is int and g("") == str'),
    ],
    [
      'functions as arguments',
      'def f(g, xs): return [g(x) for x in xs]',
      asserts(
        'import math',
        'assert f(lambda x: x + 1, [1, 2]) == [2, 3]',
        'assert f(len, ["ab", ""]) == [2, 0]',
        'assert f(str.upper, ["a"]) == ["A"] and f(math.sqrt, [4]) == [2.0]',
      ),
    ],
    [
      'a function that calls back and forth',
      'def f(g, n): return n if n == 0 else g(f, n - 1) + 1',
      asserts('def back(f, n): return f(back, n)', 'assert f(back, 20) == 20'),
    ],
    [
      'functions as results',
      'def f(k): return lambda x: x * k\ndef deco(g):\n  def h(*a): return g(*a) + 1\n  return h',
      asserts(
        '',
        'assert f(3)(4) == 12 and list(map(f(2), [1, 2])) == [2, 4]',
        '@deco\ndef one(): return 1\nassert one() == 2',
      ),
    ],
    [
      'a sort key',
      'def f(s): return len(s)',
      asserts('', 'assert sorted(["ccc", "a", "bb"], key=f) == ["a", "bb", "ccc"]'),
    ],
    [
      'an endless generator',
      'def f():\n  n = 0\n  while True:\n    yield n\n    n += 1',
      asserts(
        'from itertools import islice',
        'g = f()\nassert next(g) == 0 and next(g) == 1',
        'assert list(islice(f(), 250))[-1] == 249',
      ),
    ],
    [
      'an iterator as argument',
      'def f(it): return sum(it)',
      asserts('', 'assert f(iter(range(1000))) == 499500 and f(x for x in [1, 2]) == 3'),
    ],
    [
      'an iterator class',
      'class Down:\n  def __init__(self, n): self.n = n\n  def __iter__(self): return self\n  def __next__(self):\n    if self.n == 0: raise StopIteration\n    self.n -= 1\n    return self.n',
      asserts(
        '',
        'assert list(Down(3)) == [2, 1, 0]',
        'd = Down(1)\nassert next(d) == 0\ntry:\n  next(d)\n  assert False\nexcept StopIteration: pass',
      ),
    ],
    [
      'a context manager',
      'log = []\nclass C:\n  def __enter__(self):\n    log.append(1)\n    return self\n  def __exit__(self, *e): log.append(2)\ndef read(): return list(log)',
      asserts('', 'with C() as c:\n  assert read() == [1]\nassert read() == [1, 2]'),
    ],
    [
      'arguments changed deep inside',
      'def f(x): x["a"][0].append(9)',
      asserts('', 'x = {"a": [[1]]}\nf(x)\nassert x == {"a": [[1, 9]]}'),
    ],
    [
      'the same list back',
      'def f(x):\n  x.sort()\n  return x',
      asserts('', 'x = [2, 1]\nassert f(x) is x and x == [1, 2]'),
    ],
    [
      'one object, known again',
      'class S:\n  one = None\n  def __new__(cls):\n    cls.one = cls.one or object.__new__(cls)\n    return cls.one',
      asserts('', 'assert S() is S()'),
    ],
    [
      'what it prints',
      'def f(x): print("got", x)',
      asserts(
        'import io\nfrom contextlib import redirect_stdout',
        'out = io.StringIO()\nwith redirect_stdout(out):\n  f(3)\nassert out.getvalue() == "got 3\\n"',
      ),
    ],
    [
      'names that the test forgot to import',
      'import math, sys\ndef f(x): return math.sqrt(x)',
      asserts('', 'assert math.isclose(f(2), math.sqrt(2)) and sys.maxsize > 0', 'assert f(4) == sqrt(4)'),
    ],
    [
      'a helper of the setup',
      'def f(x): return x + 1',
      asserts('def twice(g, x): return g(g(x))\nWANT = 5', 'assert twice(f, 3) == WANT'),
    ],
    [
      "setup that builds with the program's class",
      'class Node:\n  def __init__(self, v): self.v, self.left, self.right = v, None, None\ndef depth(n): return 0 if n is None else 1 + max(depth(n.left), depth(n.right))',
      asserts(
        'root = Node(1)\nroot.left = Node(2)\nroot.left.right = Node(3)',
        'assert depth(root) == 3',
        'assert depth(root.left) == 2',
      ),
    ],
    [
      "a class of the setup's",
      'def total(pairs): return sum(p.a * p.b for p in pairs)\ndef make(a): return Pair(a, 1)',
      asserts(
        'class Pair:\n  def __init__(self, a, b): self.a, self.b = a, b',
        'assert total([Pair(2, 3), Pair(4, 5)]) == 26',
        'assert make(7).a == 7',
      ),
    ],
    [
      'a function named as one of the library',
      'def gcd(a, b): return a if b == 0 else gcd(b, a % b)',
      asserts('', 'assert gcd(12, 18) == 6'),
    ],
    [
      'functions named as operators',
      'def add(a, b): return a + b\ndef total(xs): return sum(xs)',
      asserts('', 'assert add(1, 2) == 3', 'assert total([1, 2]) == 3'),
    ],
    [
      'methods of a class in several tests',
      'class Stack:\n  def __init__(self): self.items = []\n  def push(self, x): self.items.append(x)\n  def pop(self): return self.items.pop()',
      asserts(
        '',
        's = Stack()',
        's.push(1)\ns.push(2)\nassert s.pop() == 2',
        'assert s.items == [1]',
        'try:\n  Stack().pop()\n  assert False\nexcept IndexError: pass',
      ),
    ],
    [
      'an enumeration',
      'from enum import Enum\nclass Color(Enum):\n  RED = 1\ndef f(): return Color.RED',
      asserts('', 'assert f() == Color.RED and f().name == "RED" and Color(1) is Color.RED'),
    ],
    [
      'a data class',
      'from dataclasses import dataclass\n@dataclass\nclass P:\n  x: int\n  y: int = 2\ndef f(): return P(1)',
      asserts('', 'assert f() == P(1, 2) and f() != P(2) and str(f()) == "P(x=1, y=2)"'),
    ],
  ])(
    '%s',
    async (_name, program, tests) => {
      expect(await judge(program, tests)).toMatchObject({ correct: true })
    },
    PATIENCE,
  )
})

const LIAR = `class Liar:
  def __getattr__(self, name): return 0
  def __eq__(self, o): return True
  def __ne__(self, o): return False
  def __lt__(self, o): return True
  __le__ = __gt__ = __ge__ = __contains__ = __lt__
  def __sub__(self, o): return 0.0
  __rsub__ = __mul__ = __add__ = __sub__
  def __abs__(self): return 0.0
  def __hash__(self): return 0
  def __iter__(self): return iter([])
def f(x): return Liar()`

describe('a wrong program fails', () => {
  it.each<[name: string, program: string, tests: CodeTests]>([
    [
      'that redefines a helper of the setup',
      'def check(a, b): return True\ndef f(x): return 0',
      asserts('def check(a, b): return a == b', 'assert check(f(1), 4217)'),
    ],
    [
      'that redefines an expected value of the setup',
      'WANT = 0\ndef f(x): return 0',
      asserts('WANT = 4217', 'assert f(1) == WANT'),
    ],
    [
      'that reads an expected value of the setup',
      'def f(x): return globals().get("WANT", 0)',
      asserts('WANT = 4217', 'assert f(1) == WANT'),
    ],
    [
      "that calls the setup's own solution",
      'def f(x): return solve(x)',
      asserts('def solve(x): return x + 4216', 'assert f(1) == solve(1)'),
    ],
    [
      'that looks into a function it was handed',
      'def f(g): return g.__globals__["WANT"]',
      asserts('WANT = 4217\ndef g(): return 1', 'assert f(g) == WANT'),
    ],
    [
      'that ends a map',
      'def f(x): raise StopIteration',
      asserts('', 'assert all(v == 4217 for v in map(f, [1, 2]))'),
    ],
    [
      'that ends a zip',
      'def f(x): raise StopIteration',
      asserts('', 'for got, want in zip(map(f, [1]), [4217]):\n  assert got == want'),
    ],
    [
      'that ends a loop over items',
      'def f(x): raise IndexError',
      asserts(
        'class Seq:\n  def __getitem__(self, i):\n    if i > 2: raise IndexError\n    return f(i)',
        'for v in Seq(): assert v == 4217',
      ),
    ],
    [
      'that hides an attribute',
      'def f(x): raise AttributeError',
      asserts('class T:\n  @property\n  def v(self): return f(1)', 'assert getattr(T(), "v", 4217) == 4217'),
    ],
    [
      'that lends what the test forgot to import',
      'class math:\n  isclose = staticmethod(lambda *a: True)\ndef isclose(*a): return True\ndef f(x): return 0',
      asserts('', 'assert math.isclose(f(1), 4217)'),
    ],
    [
      'that lends a function that the test forgot',
      'def isclose(*a): return True\ndef f(x): return 0',
      asserts('', 'x = f(1)\nassert isclose(x, 4217)'),
    ],
    [
      'that lends a package',
      'class np:\n  allclose = staticmethod(lambda *a: True)\ndef f(x): return 0',
      asserts('', 'assert np.allclose(f(1), 4217)'),
    ],
    [
      'that lends a builtin',
      'def sorted(x): return [4217]\ndef f(x): return [0]',
      asserts('result = f(1)', 'assert sorted(result) == [4217]'),
    ],
    ['that lies about equality', LIAR, asserts('', 'assert f(1) == 4217')],
    [
      'that lies from the left and the right',
      LIAR,
      asserts('', 'assert 4217 == f(1)', 'assert not f(1) != 4217'),
    ],
    ['that lies about a difference', LIAR, asserts('', 'assert abs(f(1) - 4217) < 1e-6')],
    ['that lies about order', LIAR, asserts('', 'assert 4216 < f(1) < 4218')],
    ['that lies about what it contains', LIAR, asserts('', 'assert 4217 in f(1)')],
    ['that is a member of everything', LIAR, asserts('', 'assert f(1) in [4217, 4218]')],
    ['that lies about its parts', LIAR, asserts('', 'assert f(1).value == 4217')],
    [
      'that swallows the failure of a callback',
      'def f(g):\n  try: g(0)\n  except BaseException: pass\n  return 1',
      asserts('def g(x): assert x == 4217', 'assert f(g) == 1'),
    ],
    [
      'that answers with malformed values',
      'import sys\nc = sys.modules["_codec"]\nc.encode = lambda v: {"o": 10 ** 9}\nc.MINE = "t"\ndef f(x): return [1]',
      asserts('', 'assert list(map(f, [1])) == [[4217]]'),
    ],
    [
      'that raises where an answer is wanted',
      'def f(x): raise ValueError',
      asserts('', 'try:\n  assert f(1) == 4217\nexcept KeyError: pass'),
    ],
  ])(
    '%s',
    async (_name, program, tests) => {
      expect(await judge(program, tests)).toMatchObject({ correct: false })
    },
    PATIENCE,
  )
})

const SUM = 'print(sum(map(int, d[1:])))'
const sums: CodeTests = {
  kind: 'stdio',
  tests: [
    { input: '3\n1 2 3\n', output: '6\n' },
    { input: '2\n5 7\n', output: '12\n' },
  ],
}

describe('standard input and output', () => {
  it.each<[name: string, program: string]>([
    ['open(0), which closes it', `d = open(0).read().split()\n${SUM}`],
    ['its size', `import os\nd = os.read(0, os.fstat(0).st_size).split()\n${SUM}`],
    [
      'its size, when some of it is read',
      `import os\nos.read(0, 2)\nd = [0] + os.read(0, os.fstat(0).st_size).split()\n${SUM}`,
    ],
    ['/dev/stdin', `d = open("/dev/stdin").read().split()\n${SUM}`],
    ['/dev/fd/0', `import pathlib\nd = pathlib.Path("/dev/fd/0").read_bytes().split()\n${SUM}`],
    ['/proc/self/fd/0', `d = list(open("/proc/self/fd/0").read().split())\n${SUM}`],
    ['fileinput', `import fileinput\nd = " ".join(fileinput.input()).split()\n${SUM}`],
    [
      'the null device',
      `import os, sys\nd = sys.stdin.read().split()\nprint("debug", file=open(os.devnull, "w"))\n${SUM}`,
    ],
    [
      'redirect_stdout to the null device',
      `import os, contextlib\nd = open(0).read().split()\nwith open(os.devnull, "w") as null, contextlib.redirect_stdout(null): print("debug")\n${SUM}`,
    ],
    [
      '/dev/stdout',
      `import sys\nd = sys.stdin.read().split()\nsys.stdout = open("/dev/stdout", "w")\n${SUM}`,
    ],
    [
      '/dev/stderr',
      `import sys\nd = sys.stdin.read().split()\nprint("debug", file=open("/dev/stderr", "w"))\n${SUM}`,
    ],
    [
      'fdopen',
      `import os\nd = os.fdopen(0).read().split()\nwith os.fdopen(1, "w") as out: print(sum(map(int, d[1:])), file=out)`,
    ],
    [
      'a stack limit',
      `import resource, sys\nresource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\nd = sys.stdin.read().split()\n${SUM}`,
    ],
    [
      'the fast input of contest templates',
      `import os, sys
from io import BytesIO, IOBase
class FastIO(IOBase):
    newlines = 0
    def __init__(self, file):
        self._fd = file.fileno()
        self.buffer = BytesIO()
        self.writable = "x" in file.mode or "r" not in file.mode
        self.write = self.buffer.write if self.writable else None
    def readline(self):
        while self.newlines == 0:
            b = os.read(self._fd, max(os.fstat(self._fd).st_size, 8192))
            self.newlines = b.count(b"\\n") + (not b)
            ptr = self.buffer.tell()
            self.buffer.seek(0, 2), self.buffer.write(b), self.buffer.seek(ptr)
        self.newlines -= 1
        return self.buffer.readline()
    def flush(self):
        if self.writable:
            os.write(self._fd, self.buffer.getvalue())
            self.buffer.truncate(0), self.buffer.seek(0)
reader, writer = FastIO(sys.stdin), FastIO(sys.stdout)
reader.readline()
writer.write(str(sum(map(int, reader.readline().split()))).encode() + b"\\n")
writer.flush()`,
    ],
  ])(
    '%s',
    async (_name, program) => {
      expect(await judge(program, sums)).toMatchObject({ correct: true })
    },
    PATIENCE,
  )

  it(
    'nothing but them can be written to',
    async () => {
      for (const path of ['/tmp/x', '/dev/stdin', '/dev/random', '/lib/x', '/dev/shm/x', '/proc/self/x'])
        expect(await judge(`open(${JSON.stringify(path)}, "w")\nprint(6)`, sums)).toMatchObject({
          correct: false,
        })
    },
    PATIENCE,
  )
})

describe('names of functional problems', () => {
  const returns3: CodeTests = { kind: 'function', name: 'f', cases: [{ arguments: [[1, 2]], expected: 3 }] }

  it.each([
    'OrderedDict()',
    'deepcopy([1])',
    'datetime.date(2020, 1, 1)',
    'itemgetter(0)',
    'ascii_letters',
    'median([1])',
    'pow(2, 3, 5)',
    'random.random()',
    'sys.maxsize',
    'io.StringIO()',
    'json.dumps(1)',
    'Optional',
    'inf',
  ])(
    '%s is there',
    async (expression) => {
      const program = `class Solution:\n  def f(self, a):\n    x = ${expression}\n    return sum(a)`
      expect(await judge(program, returns3)).toMatchObject({ correct: true })
    },
    PATIENCE,
  )
})
