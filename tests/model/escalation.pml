/* One flag, six people and a clinic, as SPIN sees them: the world of world.py, written a second time.
 *
 * What the system decides is not written here. decide() looks it up in table.h, which promela.py writes from the real
 * next_step for every state that the search in Python reached; a state that is missing there is an error.
 * REPEAT, LAST_WAIT, LAPSE and BOUND, in slots, come from the plan; COMERS has a bit for each person who comes and goes,
 * ASKABLE for each who may be told.
 * Each event is one d_step, so that the states that SPIN stores are those that Python counts.
 */
#define FREE  98
#define AGAIN 99

c_decl {
\#include "table.h"
}

bool is_open = 1, is_closed, late;
byte here = COMERS, taken, owner, elapsed, held = FREE, next_in;
hidden byte known, told, nobody, lapsed, held_before, was_over;	/* decide() answers here */

#ifdef LIVE
bool swept, passed, said, begun;	/* what the last event was; passed: time, with no sweep overdue */
#define EVENT(w, t, s, b)	swept = w; passed = t; said = s; begun = b
#else
#define EVENT(w, t, s, b)	skip
#endif

#define IS_HERE(p)	((here >> p) & 1)
#define BEGIN(who)	owner = who; taken = 0; elapsed = 0; held = FREE; next_in = 0; late = 0

inline sweep() {
	d_step {
		!is_closed && next_in == 0;
		held_before = held;
		was_over = held != FREE && (held == LAPSE || !IS_HERE(owner));
		c_code { decide(&now); };
		assert(known);									/* Python reached it too */
		assert(told || nobody || (IS_HERE(owner) && next_in > 0 && next_in != AGAIN));	/* never silence */
		assert((told & (63 - (here & ASKABLE))) == 0);					/* nobody who is away or not asked */
		assert(!nobody || ((here & ASKABLE) == 0 && told == 0));
		assert(told == 0 || ((told >> owner) & 1));					/* one owner, who knows */
		assert(nobody || IS_HERE(owner));
		assert(next_in > 0 && (next_in == AGAIN || next_in <= BOUND));
		assert((next_in == AGAIN) == nobody);
		assert(lapsed == was_over);
		assert(!lapsed || (held == FREE && elapsed == 0 && (told || nobody)));		/* all begins again */
		assert(held_before == FREE || was_over || (told == 0 && held == held_before));	/* left alone */
		late = 0;
		EVENT(1, 0, told || nobody, lapsed)
	}
}

inline slot_passes() {
	d_step {
		is_open && !is_closed && !late;
		late = (next_in == 0);
		if
		:: next_in == 0 || next_in == AGAIN -> next_in = 0
		:: else -> next_in--
		fi;
		if
		:: held == FREE && elapsed + 1 >= LAST_WAIT + REPEAT -> elapsed = elapsed + 1 - REPEAT
		:: held == FREE && elapsed + 1 < LAST_WAIT + REPEAT -> elapsed++
		:: held < LAPSE -> held++
		:: held == LAPSE -> skip
		fi;
		EVENT(0, !late, 0, 0)
	}
}

inline comes_or_goes(who) {
	d_step {
		(COMERS >> who) & 1;
		here = here ^ (1 << who);
		if
		:: !is_closed && owner == who && !IS_HERE(who) -> next_in = 0
		:: else -> skip
		fi;
		EVENT(0, 0, 0, 0)
	}
}

inline take_on(who) {
	d_step {
		!is_closed && IS_HERE(who) && ((ASKABLE >> who) & 1) && (held == FREE || owner == who);
		BEGIN(who);
		held = 0;
		next_in = LAPSE;
		EVENT(0, 0, 0, 0)
	}
}

active proctype world() {
	do
	:: sweep()
	:: slot_passes()
	:: d_step { is_open && !is_closed && next_in == AGAIN; next_in = 0; EVENT(0, 1, 0, 0) }	/* minutes pass */
	:: d_step { is_open = !is_open; EVENT(0, 0, 0, 0) }
	:: comes_or_goes(0)
	:: comes_or_goes(1)
	:: comes_or_goes(2)
	:: comes_or_goes(3)
	:: comes_or_goes(4)
	:: comes_or_goes(5)
	:: take_on(0)
	:: take_on(1)
	:: take_on(2)
	:: take_on(3)
	:: take_on(4)
	:: take_on(5)
	:: d_step { !is_closed; BEGIN(owner); EVENT(0, 0, 0, 0) }					/* a new finding */
	:: d_step { !is_closed; BEGIN(0); is_closed = 1; EVENT(0, 0, 0, 0) }
	:: d_step { is_closed; BEGIN(0); is_closed = 0; EVENT(0, 0, 0, 0) }			/* raised again */
	od
}

#ifdef LIVE
/* As long as time passes, a flag that nobody takes on is heard of again and again: the repeat. */
ltl heard_of_again { ([]<> passed && <>[] (!is_closed && held == FREE)) -> []<> said }
/* A flag whose step is due is told to somebody or said aloud, unless it is taken on, closed or has time left. */
ltl due_is_answered {
	[]<> (swept || passed) -> [] ((!is_closed && next_in == 0) -> <> (said || is_closed || held != FREE || next_in > 0))
}
/* A promise that nobody keeps lapses, and all begins again. */
ltl a_promise_lapses { []<> (swept || passed) -> [] (held == LAPSE -> <> (begun || is_closed || held != LAPSE)) }
ltl no_promise_lasts { []<> passed -> !<>[] (held == LAPSE) }
/* These two must fail: what they deny must stay possible. */
ltl never_raised_again { [] (is_closed -> [] is_closed) }
ltl never_lapses { [] !begun }
#endif
