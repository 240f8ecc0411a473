/**
 * The Python module `_codec`: values that cross between the two interpreters, as text because a build by tsc copies no
 * `.py` files.
 *
 * Plain data crosses by value, as tagged JSON. Everything else stays where it was made and is known on the other side
 * by a number, as a `Remote`: what is done to it (calls, attributes, items, operators) travels back as a question.
 *
 * What a Remote must never do is to say whether it equals the value that a test expects: a program could answer yes
 * to everything. So equality, order, and arithmetic reach the program only between two objects of its own.
 */
export const CODEC_SOURCE = String.raw`
import array, builtins, collections, datetime, decimal, fractions, itertools, json, operator, os
from collections.abc import Iterator

CHUNK = 100
dumps, loads, read, write, ring = json.dumps, json.loads, os.read, os.write, os.getuid

MINE, THEIRS = 'o', 'j'
objects, numbers, remotes = [], {}, {}
# Whether the tests name a class of the program: then its objects may meet plain data in arithmetic.
classes_named = False

TYPES = {c: n for n, c in vars(builtins).items() if isinstance(c, type)}
TYPES |= {c: c.__name__ for c in (type(None), decimal.Decimal, fractions.Fraction, collections.Counter,
    collections.OrderedDict, collections.defaultdict, collections.deque, datetime.date, datetime.datetime, datetime.time,
    datetime.timedelta)}
BY_NAME = {n: c for c, n in TYPES.items()}
LAZY = {'builtins', 'itertools'}
DICTS = {collections.Counter: 'C', collections.OrderedDict: 'O'}
VIEWS = {type({}.keys()): 'keys', type({}.values()): 'values', type({}.items()): 'items'}

def encode(value):
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if isinstance(value, int):
        if kind is not int:
            value = int(value)
        return value if -(1 << 53) < value < 1 << 53 else {'i': hex(value)}
    if isinstance(value, float):
        value = float(value)
        return value if value - value == 0 else {'f': repr(value)}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return [encode(item) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        items = [encode(item) for item in tuple.__iter__(value)]
        names = getattr(kind, '_fields', None)
        return {'t': items} if names is None else {'N': [kind.__name__, list(names), items]}
    if isinstance(value, dict):
        pairs = [[encode(key), encode(item)] for key, item in value.items()]
        if kind is collections.defaultdict:
            return {'F': [TYPES.get(value.default_factory), pairs]}
        return {DICTS.get(kind, 'd'): pairs}
    if isinstance(value, (set, frozenset)):
        return {'s' if isinstance(value, set) else 'z': [encode(item) for item in value]}
    if kind is Remote:
        return {THEIRS: target_of(value)}
    if isinstance(value, (bytes, bytearray)):
        return {'b' if isinstance(value, bytes) else 'B': bytes(value).hex()}
    if isinstance(value, complex):
        return {'c': [repr(value.real), repr(value.imag)]}
    if isinstance(value, collections.deque):
        return {'q': [encode(item) for item in value]}
    if isinstance(value, range):
        return {'r': [value.start, value.stop, value.step]}
    if isinstance(value, decimal.Decimal):
        return {'m': str(value)}
    if isinstance(value, fractions.Fraction):
        return {'n': [encode(value.numerator), encode(value.denominator)]}
    if kind in VIEWS:
        return {'v': [VIEWS[kind], [encode(item) for item in value]]}
    if isinstance(value, array.array):
        return {'A': [value.typecode, [encode(item) for item in value]]}
    if kind in (datetime.date, datetime.datetime, datetime.time):
        if getattr(value, 'tzinfo', None) is None:
            return {'D': [kind.__name__, value.isoformat()]}
    if kind is datetime.timedelta:
        return {'D': ['timedelta', [value.days, value.seconds, value.microseconds]]}
    if isinstance(value, type) and value in TYPES:
        return {'T': TYPES[value]}
    if isinstance(value, Iterator) and kind.__module__ in LAZY:
        return {'e': chunk(value)}
    return {MINE: number_of(value)}

def number_of(value):
    """The same number for the same object, which lives as long as the program."""
    number = numbers.get(id(value))
    if number is None:
        number = numbers[id(value)] = len(objects)
        objects.append(value)
    return number

def chunk(iterator):
    """The next items of an iterator, and its number where there may be more."""
    items = [encode(item) for item in itertools.islice(iterator, CHUNK)]
    return [items, number_of(iterator) if len(items) == CHUNK else None]

def stream(part):
    items, number = part
    while True:
        yield from items
        if number is None:
            return
        reply = ask({'target': number, 'do': 'more'})
        try:
            items, number = reply['value']
            items = [decode(item) for item in items]
        except Exception:
            malformed()

def decode(value):
    kind = type(value)
    if kind is list:
        return [decode(item) for item in value]
    if kind is not dict:
        return value
    (tag, body), = value.items()
    if tag == 'i':
        return int(body, 16)
    if tag == 'f':
        return float(body)
    if tag == 'd':
        return pairs(body)
    if tag == THEIRS:
        return remote(body)
    if tag == MINE:
        return find(body)
    return OTHERS[tag](body)

def pairs(body):
    return {decode(key): decode(item) for key, item in body}

def view(body):
    which, items = body
    items = [decode(item) for item in items]
    if which == 'items':
        return dict(items).items()
    return dict.fromkeys(items).keys() if which == 'keys' else dict(enumerate(items)).values()

def date(body):
    name, value = body
    return datetime.timedelta(*value) if name == 'timedelta' else BY_NAME[name].fromisoformat(value)

OTHERS = {
    't': lambda body: tuple(map(decode, body)),
    's': lambda body: set(map(decode, body)),
    'z': lambda body: frozenset(map(decode, body)),
    'q': lambda body: collections.deque(map(decode, body)),
    'n': lambda body: fractions.Fraction(*map(decode, body)),
    'N': lambda body: collections.namedtuple(body[0], body[1], rename=True)(*map(decode, body[2])),
    'C': lambda body: collections.Counter(pairs(body)),
    'O': lambda body: collections.OrderedDict(pairs(body)),
    'F': lambda body: collections.defaultdict(BY_NAME.get(body[0]), pairs(body[1])),
    'b': bytes.fromhex,
    'B': bytearray.fromhex,
    'c': lambda body: complex(float(body[0]), float(body[1])),
    'm': decimal.Decimal,
    'r': lambda body: range(*body),
    'v': view,
    'A': lambda body: array.array(body[0], map(decode, body[1])),
    'D': date,
    'T': lambda body: BY_NAME[body],
    'e': lambda body: stream([[decode(item) for item in body[0]], body[1]]),
}

def find(target):
    return objects[target]

def remote(target):
    """The same stand-in for the same object."""
    if target not in remotes:
        remotes[target] = Remote(target)
    return remotes[target]

def touch(target, do, args=(), kwargs={}):
    """Does something to an object of the other side; lists and the like that it changes there change here."""
    reply = ask({'target': target_of(target), 'do': do, 'args': [encode(a) for a in args],
                 'kwargs': {k: encode(a) for k, a in kwargs.items()}})
    given = [*args, *kwargs.values()]
    try:
        for index, after in reply.get('changed', {}).items():
            change(given[int(index)], decode(after))
        return given[reply['same']] if 'same' in reply else decode(reply['value'])
    except Exception:
        malformed()

def malformed():
    raise RuntimeError('malformed reply')

CHANGEABLE = (list, dict, set, bytearray, collections.deque, collections.Counter, collections.OrderedDict,
              collections.defaultdict, array.array)

def change(arg, after):
    if type(arg) is not type(after):
        return
    if isinstance(arg, (list, bytearray, array.array)):
        arg[:] = after
    elif isinstance(arg, collections.deque):
        arg.clear()
        arg.extend(after)
    else:
        arg.clear()
        arg.update(after)

def answer(question, allow):
    """What the other side asks of an object of this side."""
    target = find(question['target'])
    do = question['do']
    if do == 'more':
        return {'value': chunk(target)}
    args = [decode(arg) for arg in question['args']]
    kwargs = {name: decode(arg) for name, arg in question['kwargs'].items()}
    allow(target, do, args)
    result = OPERATIONS[do](target, *args, **kwargs)
    reply, changed = {}, {}
    sent = [*question['args'], *question['kwargs'].values()]
    for index, arg in enumerate([*args, *kwargs.values()]):
        if type(arg) in CHANGEABLE:
            after = encode(arg)
            if after != sent[index]:
                changed[index] = after
            if result is arg:
                reply['same'] = index
    if changed:
        reply['changed'] = changed
    if 'same' not in reply:
        reply['value'] = encode(result)
    return reply

class Remote:
    """An object of the other side."""
    __slots__ = ('__target',)
    def __init__(self, target):
        object.__setattr__(self, '_Remote__target', target)
    def __call__(self, /, *args, **kwargs):
        return touch(self, 'call', args, kwargs)
    def __getattr__(self, name):
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(name)
        return touch(self, 'get', (name,))
    def __setattr__(self, name, value):
        touch(self, 'set', (name, value))
    def __delattr__(self, name):
        touch(self, 'del', (name,))
    def __exit__(self, *error):
        touch(self, 'exit', (None, None, None))

def target_of(remote):
    return remote._Remote__target

OPERATIONS = {'call': lambda f, /, *args, **kwargs: f(*args, **kwargs), 'get': getattr, 'set': setattr, 'del': delattr,
              'exit': lambda o, *error: o.__exit__(*error)}

def define(names, do, rule):
    """Gives Remote the method __name__; the rule says with what it may be called."""
    for name in names.split():
        function = do or getattr(operator, name, None) or getattr(builtins, name)
        OPERATIONS[name] = function
        def method(self, *args, name=name):
            return touch(self, name, args) if all(map(rule, args)) else NotImplemented
        setattr(Remote, f'__{name}__', method)
    return function

always = lambda other: True
own = lambda other: type(other) is Remote
known = lambda other: type(other) is Remote or classes_named
define('iter len bool str repr format hash int float complex index round abs neg pos invert next', None, always)
define('getitem setitem delitem', None, always)
define('trunc', lambda o: o.__trunc__(), always)
define('floor', lambda o: o.__floor__(), always)
define('ceil', lambda o: o.__ceil__(), always)
define('enter', lambda o: o.__enter__(), always)
define('instancecheck', lambda kind, o: isinstance(o, kind), always)
define('eq lt le gt ge', None, own)
define('add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift divmod', None, known)
for name in 'add sub mul truediv floordiv mod pow matmul xor lshift rshift divmod'.split():
    forward = OPERATIONS[name]
    define('r' + name, lambda o, other, forward=forward: forward(other, o), known)
Remote.__and__, Remote.__or__ = Remote.__and___, Remote.__or___

def exchange(question):
    """Writes a question for the other side, rings (getuid; see python-imports.ts) and reads the answer."""
    write(2, b'\x1e' + dumps(question).encode())
    ring()
    line = bytearray()
    while not line.endswith(b'\n'):
        part = read(0, 1 << 16)
        if not part:
            raise EOFError('no answer')
        line += part
    return line

`
