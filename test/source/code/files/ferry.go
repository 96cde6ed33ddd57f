// Package ferry books places on a ferry.
package ferry

import (
	"errors"
	"fmt"
)

// ErrFull says that no place is left.
var ErrFull = errors.New("the ferry is full")

// MaxCars is the number of cars that fit.
const MaxCars = 12

// Ferry has a timetable and bookings.
type Ferry struct {
	Name     string
	bookings map[string]int
}

// New makes an empty ferry.
func New(name string) *Ferry {
	return &Ferry{Name: name, bookings: map[string]int{}}
}

// Book reserves places for a car.
func (f *Ferry) Book(plate string, places int) error {
	if err := checkPlate(plate); err != nil {
		return err
	}
	if f.taken()+places > MaxCars {
		return ErrFull
	}
	f.bookings[plate] = places
	return nil
}

// Cancel gives the places of a car back.
func (f *Ferry) Cancel(plate string) {
	if _, ok := f.bookings[plate]; !ok {
		panic("no such booking")
	}
	delete(f.bookings, plate)
}

func (f *Ferry) taken() int {
	sum := 0
	for _, places := range f.bookings {
		sum += places
	}
	return sum
}

func checkPlate(plate string) error {
	if len(plate) < 3 {
		return fmt.Errorf("plate %q is too short", plate)
	}
	return nil
}
