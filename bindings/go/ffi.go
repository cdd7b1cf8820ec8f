// What ffi_generated.go leaves to be written by hand: texts and bytes of Go, and views in C memory.

package rocketmqc

/*
#include <rocketmq_c.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

// Lends a text to a call. An empty one points somewhere: a null pointer would mean that it is absent.
func textIn(s string) ffiText {
	if s == "" {
		return ffiText{(*C.char)(unsafe.Pointer(&ffiNothing[0])), 0}
	}
	return ffiText{(*C.char)(*(*unsafe.Pointer)(unsafe.Pointer(&s))), C.size_t(len(s))}
}

// Lends a text to a call; an empty one is absent.
func optionalTextIn(s string) ffiText {
	if s == "" {
		return ffiText{}
	}
	return textIn(s)
}

// String gives a copy; an absent text is empty.
func (t ffiText) String() string { return goText(t.pointer, t.bytes) }

func goText(text *C.char, bytes C.size_t) string { return C.GoStringN(text, C.int(bytes)) }

func goBytes(data unsafe.Pointer, bytes C.size_t) []byte { return C.GoBytes(data, C.int(bytes)) }

// Views live in C memory, because they hold pointers that the library writes.
func newEventViews(count int) []ffiEventView {
	memory := C.calloc(C.size_t(count), C.size_t(unsafe.Sizeof(ffiEventView{})))
	return unsafe.Slice((*ffiEventView)(memory), count)
}

func freeEventViews(views []ffiEventView) { C.free(unsafe.Pointer(&views[0])) }
