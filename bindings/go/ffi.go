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

// Views that live in C memory need no look by Go's collector.
func newEventViews(count int) []ffiEventView { return newViews[ffiEventView](count) }

func newViews[T any](count int) []T {
	var one T
	if count == 0 {
		return nil
	}
	return unsafe.Slice((*T)(C.calloc(C.size_t(count), C.size_t(unsafe.Sizeof(one)))), count)
}

func freeViews[T any](views []T) {
	if views != nil {
		C.free(unsafe.Pointer(&views[0]))
	}
}

// Bytes that never move: C memory, for what the header calls pinned.
func newStillBytes(count int) []byte { return newViews[byte](count) }

func ffiPointer(bytes []byte) unsafe.Pointer { return unsafe.Pointer(ffiFirst(bytes)) }

// Bytes of the library, not copied.
func lentBytes(data unsafe.Pointer, bytes C.size_t) []byte {
	if data == nil {
		return nil
	}
	return unsafe.Slice((*byte)(data), int(bytes))
}
